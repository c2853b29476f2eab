"""Control tasks do what they say, measured by themselves, and the agent's meters see it."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from hepbench.analyses import AnalysisError, control
from hepbench.analysis import Workload

SLACK = 0.25  # seconds: other processes share the cores


def of(tasks: int) -> Workload:
    nothing: dict[str, Any] = {field.name: [] for field in fields(Workload)}
    return Workload(**{**nothing, "tasks": tasks})


def test_empty_costs_nothing() -> None:
    report = control.task("empty", 0, 3)
    assert (report["kind"], report["number"], report["tasks"]) == ("empty", 3, 1)
    assert report["cpu"] < 1e-3


def test_compute_burns_cpu_of_the_thread() -> None:
    report = control.task("compute", 0.1)
    assert 0.1 <= report["cpu"] < 0.105
    assert report["done"] <= report["cpu"] <= report["wall"] + 1e-3


@pytest.mark.parametrize("kind", ["sleep", "lock", "open"])
def test_waiting_takes_time_but_no_cpu(kind: str) -> None:
    control.task(kind, 0)  # may import something
    report = control.task(kind, 0.1)
    assert 0.099 <= report["wall"] < 0.1 + SLACK
    assert 0.099 <= report["done"] < 0.1 + SLACK
    # A thread that wakes up late on a busy machine has a few milliseconds.
    assert report["cpu"] < report["wall"] / 4


def test_read_from_the_pipe_is_as_slow_as_stated() -> None:
    size = 2_000_001
    report = control.task("read", size)
    seconds = size / control.PIPE_BYTES_PER_SECOND
    assert report["done"] == size
    assert 0.98 * seconds <= report["wall"] < seconds + SLACK
    assert report["cpu"] < 0.05


def test_read_of_a_file_reads_so_many_bytes(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(os.urandom(1_000_003))
    before = _rchar()
    report = control.task("read", 2_500_000, path=str(path))
    assert report["done"] == 2_500_000
    assert 2_500_000 <= _rchar() - before < 2_600_000
    (tmp_path / "empty").touch()
    with pytest.raises(AnalysisError, match="is empty"):
        control.task("read", 1, path=str(tmp_path / "empty"))


def _rchar() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def test_compile_declares_new_functions_every_time() -> None:
    first, second, many = (control.task("compile", amount) for amount in (5, 5, 50))
    assert (first["done"], second["done"], many["done"]) == (5.0, 5.0, 50.0)
    assert 0 < second["cpu"] < many["cpu"]
    assert many["cpu"] >= 0.9 * many["wall"] - SLACK


def test_merge_adds_payloads_of_a_known_size() -> None:
    one, two = (control.task("empty", 0, number) for number in range(2))
    both = control.merge(one, two, 1000)
    assert both["tasks"] == 2
    assert len(control.merge(both, one, 1000)["payload"]) == 1000
    assert control.merge(both, both, 0)["tasks"] == 4


def test_unknown_kind_is_named() -> None:
    with pytest.raises(AnalysisError, match="unknown kind of control task 'dance'"):
        control.task("dance", 1)


def test_serial_run_counts_its_tasks() -> None:
    marks: list[str] = []
    assert control.analysis("dask", {"kind": "empty", "amount": "0"}).run(of(7), None, marks.append) == 7
    assert marks == ["graph"]


def test_distributed_run_has_one_key_per_task_and_merges_in_pairs() -> None:
    from distributed import Client, LocalCluster

    marks: list[str] = []
    options: dict[str, Any] = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        client.get_task_stream()
        parameters = {"kind": "sleep", "amount": "0.001", "merge": "1000"}
        assert control.analysis("dask", parameters).run(of(9), client, marks.append) == 9
        rows: Any = client.get_task_stream()
        prefixes = [str(row["key"]).split("-", 1)[0] for row in rows]
    assert marks == ["graph"]
    assert prefixes.count("control") == 9
    assert prefixes.count("control_merge") == 8
    assert len(prefixes) == 17
