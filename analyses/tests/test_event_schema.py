"""Every event that the driver writes is one of the journal's schema, which TypeScript defines."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from hepbench import agent
from hepbench.driver import serial, tasks, trial
from hepbench.driver.execute import Answer, Workload
from hepbench.driver.spool import Spool
from hepbench.histograms import Definition

SCHEMA = json.loads((Path(__file__).parents[2] / "core" / "model" / "event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

W0, W1 = "tcp://127.0.0.1:1001", "tcp://127.0.0.1:1002"
WATCH = {"sampling": True, "hook": True, "interval": 0.01}
HISTOGRAM = Definition("h", "t", 2, 0.0, 1.0).fill([-1.0, 0.25, 0.5, 2.0], [1.0, 0.5, 1.0, 1.0])


def workload(files: list[str]) -> dict[str, Any]:
    return {
        "trial": "b001-t00",
        "suite": "control",
        "backend": "dask",
        "parameters": {},
        "files": files,
        "tree": "Events",
        "events": 2,
        "tasks": 2,
        "threads": 1,
        "edit": 0,
        "page_cache": "warm",
    }


def metered() -> dict[str, float | None]:
    meter = agent.TaskMeter()
    meter.start()
    return meter.stop()


class Client:
    """The network edge: a scheduler whose answers are set, everything else is the driver's own code."""

    def __init__(self, events: list[tuple[float, Any]], rows: list[dict[str, Any]]) -> None:
        self.events, self.rows = events, rows

    def run_on_scheduler(self, function: Callable[..., Any]) -> Any:
        if function is time.time:
            return time.time()
        name = function.func if isinstance(function, partial) else function
        return {tasks.tasks_in_memory: 3, tasks.stream_index: 0, tasks.stream_since: self.rows}[name]

    def run(self, function: Callable[..., Any]) -> dict[str, Any]:
        if function is tasks.results_held:
            return {W0: 1, W1: 0}
        return {address: function() for address in (W0, W1)}

    def get_events(self, topic: str) -> list[tuple[float, Any]]:
        assert topic == "all"
        return self.events


def a_cluster() -> Any:
    """Two workers of which one leaves and another joins; tasks with and without meter and transfers, one that erred."""
    now = time.time() + 100
    compute = {"action": "compute", "start": now, "stop": now + 1}
    transfer = {"action": "transfer", "start": now - 1, "stop": now, "source": W1}
    rows = [
        {"key": "control-1", "worker": W0, "status": "OK", "startstops": [compute]},
        {"key": "control_merge-1", "worker": W1, "status": "OK", "startstops": [transfer, compute]},
        {"key": "control-2", "worker": W1, "status": "error", "startstops": [compute]},
        {"key": "released", "worker": W1, "status": "OK", "startstops": []},
    ]
    left = {"action": "remove-worker", "worker": W1, "expected": False, "processing-tasks": {"control-2"}}
    events = [(now, left), (now, {"action": "add-worker", "worker": "tcp://127.0.0.1:1003"}), (now, "unrelated")]
    values = agent.Sampler(lambda t, values: None, 1).read(pss=True)
    meter = {"type": "meter", "key": "control-1", "started": now, "stopped": now + 1}
    sample = {"type": "sample", "t": now, "values": values}
    batch = {
        "address": W0,
        "name": "w0",
        "seq": 1,
        "events": [sample, {**meter, "scheduler_delay": 0.0, "meter": metered()}],
    }
    workers = {W0: {"name": "w0", "host": "127.0.0.1", "nthreads": 1}, W1: {"name": 1, "host": None, "nthreads": 1}}
    client = Client(events, rows)

    @contextmanager
    def handing(taker: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        taker(deepcopy(batch))
        yield

    return SimpleNamespace(
        client=client,
        host="127.0.0.1",
        lost=2,
        watch=lambda _: None,
        workers=lambda: workers,
        drain=lambda **_: [deepcopy(batch)],
        handing=handing,
    )


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """What one distributed, one failing and one serial trial write."""

    def execute(workload: Workload, client: Any, mark: Callable[[str], None]) -> Answer:
        for name in ("prepare", "trigger", "graph", "result"):
            mark(name)
        return Answer(2, [HISTOGRAM.to_json()], 10)

    def failing(*_: Any) -> Answer:
        raise RuntimeError("planted")

    monkeypatch.setattr(trial, "HYGIENE_SECONDS", 0.0)
    monkeypatch.setattr(serial, "execute", execute)
    file = tmp_path / "data"
    file.write_bytes(b"0" * 5000)
    written: list[dict[str, Any]] = []
    for run, cluster in ((execute, a_cluster()), (failing, a_cluster()), (execute, None)):
        monkeypatch.setattr(trial, "execute", run)
        spool = Spool("b001-t00")
        trial.Trial(workload([str(file)]), spool, cluster, WATCH).run()
        lines, last = spool.after(0, 0)
        assert last
        written += [json.loads(line) for line in lines]
    yield written
    agent.unhook()


def test_every_event_of_the_driver_is_one_of_the_schema(events: list[dict[str, Any]]) -> None:
    for event in events:
        kind = next(s for s in SCHEMA["oneOf"] if s["properties"]["type"]["const"] == event["type"])
        # Against its own kind first: "is not valid under any of the given schemas" names no field.
        jsonschema.Draft202012Validator({**kind, "$defs": SCHEMA["$defs"]}).validate(event)
        VALIDATOR.validate(event)


def test_the_trials_wrote_every_kind_that_the_driver_has(events: list[dict[str, Any]]) -> None:
    assert {event["type"] for event in events} == {
        *("environment", "mark", "clock", "worker", "task", "sample", "answer", "warning", "failed", "done"),
    }
    assert {event["action"] for event in events if event["type"] == "worker"} == {"present", "joined", "left"}
    assert [event["code"] for event in events if event["type"] == "failed"] == ["RuntimeError"]
    tasks_seen = [event for event in events if event["type"] == "task"]
    assert {event["kind"] for event in tasks_seen} == {"process", "merge", "other"}
    assert {event["status"] for event in tasks_seen} == {"ok", "error"}
    assert {event["meter"] is None for event in tasks_seen} == {True, False}
    # What an earlier trial left behind, and what never arrived.
    warned = {event["code"] for event in events if event["type"] == "warning"}
    assert warned == {"KEYS_LEFT", "RESULTS_LEFT", "AGENT_EVENTS_LOST"}
    assert any(event["transfers"] for event in tasks_seen)


@pytest.mark.parametrize("kind", ["mark", "clock", "worker", "task", "sample", "answer", "warning", "failed", "done"])
def test_a_planted_wrong_field_fails(events: list[dict[str, Any]], kind: str) -> None:
    right = next(event for event in events if event["type"] == kind)
    VALIDATOR.validate(right)
    fields = [name for name in right if name not in ("v", "trial", "source", "seq", "t", "type")]
    for wrong in (
        {**right, "planted": 1},
        {**right, "seq": 0},
        {**right, "v": 2},
        {**right, fields[0]: {"planted": [1]}},
        {name: value for name, value in right.items() if name != fields[0]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate(wrong)


def test_a_misspelled_field_of_a_meter_fails(events: list[dict[str, Any]]) -> None:
    task = next(event for event in events if event["type"] == "task" and event["meter"])
    meter = {**task["meter"], "cpu_seconds": task["meter"].pop("cpuSeconds")}
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({**task, "meter": meter})
