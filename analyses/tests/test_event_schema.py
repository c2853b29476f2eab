"""Every event that the driver writes is one of the journal's schema, which TypeScript defines."""

import json
import threading
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
from hepbench.analysis import Answer, Workload
from hepbench.driver import pressure, serial, tasks, trial
from hepbench.driver.spool import Spool
from hepbench.histograms import Definition

SCHEMA = json.loads((Path(__file__).parents[2] / "core" / "model" / "event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

W0, W1 = "tcp://127.0.0.1:1001", "tcp://127.0.0.1:1002"
WATCH = {"sampling": True, "hook": True, "interval": 0.01}
PARTS = [[0, 0, 1], [0, 1, 2]]
HISTOGRAM = Definition("h", "t", 2, 0.0, 1.0).fill([-1.0, 0.25, 0.5, 2.0], [1.0, 0.5, 1.0, 1.0])


def workload(files: list[str]) -> dict[str, Any]:
    return {
        "trial": "b001-t00",
        "suite": "control",
        "backend": "dask",
        "parameters": {},
        "files": files,
        "tree": "Events",
        "columns": [],
        "events": 2,
        "tasks": 2,
        "parts": PARTS,
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
        if function in (time.time, agent.wall_ahead):
            return function()
        name = function.func if isinstance(function, partial) else function
        near_limits: tuple[float, list[pressure.Row], bool] = (0.0, [("w0", False, 96, 100, 2048)], False)
        return {
            tasks.tasks_in_memory: 3,
            tasks.stream_index: 0,
            tasks.stream_since: self.rows,
            pressure.look: near_limits,
        }[name]

    def run(self, function: Callable[..., Any]) -> dict[str, Any]:
        if function is tasks.results_held:
            return {W0: 1, W1: 0}
        return {address: function() for address in (W0, W1)}

    def get_events(self, topic: str) -> list[tuple[float, Any]]:
        assert topic == "all"
        return self.events


def a_cluster(readings: dict[str, float] | None = None) -> Any:
    """Two workers of which one leaves and another joins; tasks with and without meter and transfers, one that erred.

    `readings` come in a sample while the computation runs.
    """
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
        "wall_ahead": 0.0,
        "events": [
            sample,
            {
                **meter,
                "scheduler_delay": 0.0,
                "transfer_delays": [],
                "start_ahead": 0.0,
                "stop_ahead": 0.0,
                "meter": metered(),
            },
        ],
    }
    workers = {W0: {"name": "w0", "host": "127.0.0.1", "nthreads": 1}, W1: {"name": 1, "host": None, "nthreads": 1}}
    # Those of before the trial are dated after it: the wall clock was set back.
    client = Client([(now + 60, {"action": "add-worker", "worker": W0})], rows)

    @contextmanager
    def handing(taker: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        # As Dask does it: in a thread of its own.
        later = {**deepcopy(batch), "events": [{**sample, "values": {**values, **(readings or {})}}]}
        thread = threading.Thread(target=taker, args=(later,))
        thread.start()
        thread.join()
        client.events = [*client.events, *events]
        yield

    return SimpleNamespace(
        client=client,
        host="127.0.0.1",
        take_lost=lambda: 2,
        watch=lambda _: None,
        workers=lambda: workers,
        wanted=2,
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
        *("environment", "mark", "clock", "worker", "task", "sample", "answer", "probe", "warning", "failed", "done"),
    }
    assert {event["action"] for event in events if event["type"] == "worker"} == {"present", "joined", "left"}
    assert [event["code"] for event in events if event["type"] == "failed"] == ["RuntimeError"]
    tasks_seen = [event for event in events if event["type"] == "task"]
    assert {event["kind"] for event in tasks_seen} == {"process", "merge", "other"}
    assert {event["status"] for event in tasks_seen} == {"ok", "error"}
    assert {event["meter"] is None for event in tasks_seen} == {True, False}
    # What an earlier trial left behind, what never arrived, workers with too little memory, a cluster made up.
    warned = {event["code"] for event in events if event["type"] == "warning"}
    left = {"KEYS_LEFT", "RESULTS_LEFT", "AGENT_EVENTS_LOST"}
    assert warned == {*left, "MEMORY_OVER_LIMIT", "WORKERS_SPILLED", "PROBE_FAILED"}
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


def test_what_is_not_finite_is_written_as_text_in_an_answer_and_refused_elsewhere() -> None:
    spool = Spool("t")
    histogram = Definition("h", "t", 2, 0.0, 1.0).fill([0.25], [1.0])
    histogram.values[:3] = [float("nan"), float("inf"), float("-inf")]
    spool.add("answer", events=1, histograms=[histogram.to_json()], bytesRead=None)
    with pytest.raises(ValueError, match="an event of type sample from driver holds a number that is not finite"):
        spool.add("sample", collector="agent", target="w0", values={"rss_bytes": float("nan")})
    spool.close()
    events = [json.loads(line) for line in spool.after(0, 0)[0]]
    assert events[0]["histograms"][0]["values"] == ["NaN", "Infinity", "-Infinity", 0.0]
    assert [event["seq"] for event in events] == [1, 2]
    for event in events:
        VALIDATOR.validate(event)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_reading_of_an_agent_that_is_not_finite_fails_the_trial(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: float
) -> None:
    def execute(_workload: Workload, _client: Any, _mark: Callable[[str], None]) -> Answer:
        return Answer(2, [HISTOGRAM.to_json()], 10)

    monkeypatch.setattr(trial, "HYGIENE_SECONDS", 0.0)
    monkeypatch.setattr(trial, "execute", execute)
    file = tmp_path / "data"
    file.write_bytes(b"0")
    spool, cluster = Spool("b001-t00"), a_cluster({"rss_bytes": value})
    trial.Trial(workload([str(file)]), spool, cluster, WATCH).run()
    events = [json.loads(line) for line in spool.after(0, 0)[0]]
    assert [event["message"] for event in events if event["type"] == "failed"] == [
        "an event of type sample from agent/w0 holds a number that is not finite"
    ]
    assert not any(event["type"] == "answer" for event in events)
