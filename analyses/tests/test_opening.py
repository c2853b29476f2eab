"""Opening files and handing over results: costs that are planted there are seen there and nowhere else."""

import contextlib
import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import burners
import coffea.processor.executor
import numpy as np
import pytest

from hepbench import agent

uproot: Any = importlib.import_module("uproot")  # its types say nothing of files and trees
SECONDS = 0.3
EVENTS = 2000


@contextlib.contextmanager
def metered() -> Iterator[dict[str, float]]:
    """Filled with the meter of the block when that ends."""
    fields: dict[str, Any] = {}
    agent.hook()
    meter = agent.TaskMeter()
    meter.start()
    try:
        yield fields
    finally:
        fields |= meter.stop()
        agent.unhook()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Files by the number of their branches, which all hold the same column `x`."""
    folder = tmp_path_factory.mktemp("opening")
    values = np.arange(EVENTS)
    paths = {}
    for branches in (10, 1000):
        paths[branches] = folder / f"{branches}.root"
        columns = dict.fromkeys(["x", *(f"b{i}" for i in range(branches - 1))], values)
        with uproot.recreate(paths[branches]) as file:
            file.mktree("t", {name: values.dtype for name in columns}).extend(columns)
    return paths


class SlowFile(uproot.source.file.MemmapSource):
    """A file whose opening takes a known time, off CPU: a busy name server."""

    def __init__(self, *args: Any, **options: Any) -> None:
        time.sleep(SECONDS)
        super().__init__(*args, **options)


def read(path: Path, **options: Any) -> None:
    with uproot.open(path, **options) as file:
        assert file["t"]["x"].array().to_numpy().sum() == EVENTS * (EVENTS - 1) // 2


def test_a_slow_opening_is_opening_and_nothing_else(files: dict[int, Path]) -> None:
    with metered() as plain:
        read(files[10])
    with metered() as slow:
        read(files[10], handler=SlowFile)
    assert slow["openSeconds"] - slow["openCpuSeconds"] == pytest.approx(SECONDS, rel=0.1)
    assert slow["readSeconds"] - slow["readCpuSeconds"] < 0.1 * SECONDS
    assert slow["compileSeconds"] == slow["handoverCpuSeconds"] == plain["handoverCpuSeconds"] == 0
    assert plain["openSeconds"] - plain["openCpuSeconds"] < 0.1 * SECONDS


def test_a_description_of_many_branches_is_opening_and_nothing_else(files: dict[int, Path]) -> None:
    read(files[10])
    with metered() as few:
        read(files[10])
    with metered() as many:
        read(files[1000])
    more = {field: many[field] - few[field] for field in few}
    assert more["cpuSeconds"] > 0.05
    assert more["openCpuSeconds"] == pytest.approx(more["cpuSeconds"], rel=0.1)
    assert more["readCpuSeconds"] < 0.1 * more["cpuSeconds"]
    assert more["handoverCpuSeconds"] == 0


class Dear:
    """A result that takes CPU to be pickled."""

    def __getstate__(self) -> dict[str, Any]:
        burners.burn(SECONDS)
        return {}


def test_a_result_that_is_dear_to_hand_over_is_seen_there_and_nowhere_else() -> None:
    wrapper: Any = coffea.processor.executor._compression_wrapper(1, Dear)
    with metered() as fields:
        wrapper()
    assert fields["handoverCpuSeconds"] == pytest.approx(SECONDS, rel=0.1)
    assert fields["cpuSeconds"] == pytest.approx(SECONDS, rel=0.1)
    assert fields["openSeconds"] == fields["readSeconds"] == fields["compileSeconds"] == 0
