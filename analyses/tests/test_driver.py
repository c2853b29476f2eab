"""The driver of a session that runs one trial after the other."""

import json
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import jsonschema
import pytest
from distributed import Client, LocalCluster, Status

from hepbench import agent
from hepbench.analysis import Answer, Workload
from hepbench.driver import execute, trial
from hepbench.driver.connection import Cluster
from hepbench.driver.server import Server
from hepbench.driver.spool import Spool

SCHEMA = json.loads((Path(__file__).parents[2] / "core" / "model" / "event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
WATCH = {"sampling": True, "hook": True, "interval": 1.0, "joinSeconds": 60}


def workload(name: str) -> dict[str, Any]:
    return {
        "trial": name,
        "suite": "control",
        "backend": "dask",
        "parameters": {"kind": "empty", "amount": "0"},
        "files": [],
        "tree": "",
        "columns": [],
        "events": 2,
        "tasks": 2,
        "parts": [],
        "threads": 1,
        "edit": 0,
        "page_cache": "uncontrolled",
    }


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    options: dict[str, Any] = {"protocol": "tcp://", "processes": False, "dashboard_address": ":0"}
    with LocalCluster(n_workers=1, **options) as local:
        there: Any = local
        session = Cluster(there.scheduler_address, 1, WATCH)
        yield session
        session.client.close()


def test_a_worker_that_is_paused_when_it_joins_is_there() -> None:
    options: dict[str, Any] = {"protocol": "tcp://", "processes": False, "dashboard_address": ":0", "memory_limit": 0}
    with LocalCluster(n_workers=1, **options) as local:
        there: Any = local
        with Client(there.scheduler_address) as client:
            client.run(lambda dask_worker: setattr(dask_worker, "status", Status.paused))
        session = Cluster(there.scheduler_address, 1, {**WATCH, "joinSeconds": 5})
        assert [worker["status"] for worker in session.workers().values()] == ["paused"]
        session.client.close()


def test_workers_are_there_while_dask_asks_the_scheduler_of_itself(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, sync = cluster.client, cluster.client.sync

    def sync_just_before_dask_asks(*args: Any, **options: Any) -> Any:
        answer = sync(*args, **options)
        # What a client does by itself every few seconds.
        sync(client._update_scheduler_info)
        return answer

    monkeypatch.setattr(client, "sync", sync_just_before_dask_asks)
    assert client.scheduler_info(n_workers=-1)["workers"] == {}, "Dask has mended it: workers() may use it again"
    assert len(cluster.workers()) == 1


Execute = Callable[[Workload, Any, Callable[[str], None]], Answer]


def events_of(name: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, compute: Execute) -> list[dict[str, Any]]:
    """What a trial writes whose computation is `compute`."""
    monkeypatch.setattr(trial, "execute", compute)
    spool = Spool(name)
    trial.Trial(workload(name), spool, cluster, WATCH).run()
    return [json.loads(line) for line in spool.after(0, 0)[0]]


def nothing(_workload: Workload, _client: Any, mark: Callable[[str], None]) -> Answer:
    for name in ("prepare", "trigger", "graph", "result"):
        mark(name)
    return Answer(2)


def losing(workload: Workload, client: Any, mark: Callable[[str], None]) -> Answer:
    """An agent numbers its events; of these, the first four never come."""
    arrived = threading.Event()
    client.subscribe_topic("arrived", lambda _event: arrived.set())
    stranger = {"address": "tcp://10.0.0.1:1", "name": "w9", "wall_ahead": 0.0}
    client.log_event(agent.TOPIC, {**stranger, "seq": 5, "events": [{"type": "x"}]})
    while not arrived.wait(0.1):  # the first may come before the subscription
        client.log_event("arrived", {})
    return nothing(workload, client, mark)


def test_lost_events_of_agents_taint_the_trial_that_lost_them_and_no_later_one(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = events_of("first", cluster, monkeypatch, losing)
    second = events_of("second", cluster, monkeypatch, nothing)
    warnings = [[event["message"] for event in events if event["type"] == "warning"] for events in (first, second)]
    assert warnings == [["4 events of the agents did not arrive"], []]


def computing(workload: Workload, client: Any, mark: Callable[[str], None]) -> Answer:
    slow = {"kind": "sleep", "amount": "0.05"}
    return execute.execute(replace(workload, parameters=slow), client, mark)


STEP_SECONDS, WALL = 5, time.time


def stepped() -> float:
    return WALL() + STEP_SECONDS


def test_a_step_of_the_clock_taints_its_trial_and_moves_no_task_or_sample_of_it_or_of_the_next(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stepping(*args: Any) -> Answer:
        # For us and for Dask, which dates the tasks.
        monkeypatch.setattr(time, "time", stepped)
        monkeypatch.setattr("distributed.worker.time", stepped)
        return computing(*args)

    begun = time.time()
    first = events_of("first", cluster, monkeypatch, stepping)
    second = events_of("second", cluster, monkeypatch, computing)
    (message,) = [event["message"] for event in first if event["type"] == "warning"]
    assert re.fullmatch(r"the clock of driver, scheduler, 0 was set by \+5\.000 s during the trial", message)
    assert not any(event["type"] == "warning" for event in second)
    for events, ahead in ((first, 0), (second, STEP_SECONDS)):
        dates = [event["t"] for event in events if event["type"] in ("mark", "sample")]
        tasks = [event for event in events if event["type"] == "task"]
        assert len(tasks) > 2
        assert all(task["meter"] is not None for task in tasks)
        dates += [task[when] for task in tasks for when in ("start", "stop")]
        assert begun + ahead - 1.5 < min(dates)  # a sample of the time before the trial is its first
        assert max(dates) < WALL() + ahead


def test_the_clock_of_a_worker_on_another_host_is_in_the_journal_with_how_far_it_may_be_off(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clocks() -> list[dict[str, Any]]:
        return [event for event in events_of("t", cluster, monkeypatch, nothing) if event["type"] == "clock"]

    assert ["worker" in event for event in clocks()] == [False]  # on the scheduler's host there is nothing to read
    cluster.host = "10.0.0.1"
    ours, (name,) = clocks()[1], [str(worker["name"]) for worker in cluster.workers().values()]
    assert ours["worker"] == name
    assert ours["errorSeconds"] > 0
    assert abs(ours["offsetSeconds"]) <= ours["errorSeconds"]
    VALIDATOR.validate(ours)


def ask(server: Server, path: str, body: Any = None) -> tuple[int, bytes]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer secret"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except HTTPError as refused:
        return refused.code, refused.read()


def test_the_events_of_a_trial_are_dropped_when_it_has_ended_and_the_next_one_comes() -> None:
    server = Server("secret")
    for name in ("first", "second", "third"):
        assert ask(server, "/trials", workload(name))[0] == 202
        if name == "first":
            taken = server.workloads.get(timeout=60)
            assert taken is not None
            taken[1].add("mark", name="trigger")
            taken[1].close()
            assert b'"trigger"' in ask(server, "/events?trial=first")[1]
    assert ask(server, "/events?trial=first")[0] == 404
    # Nobody ended the second: who follows it is not cut off.
    taken = server.workloads.get(timeout=60)
    assert taken is not None
    taken[1].close()
    assert b'"done"' in ask(server, "/events?trial=second")[1]


HEAD = "POST /trials HTTP/1.1\r\nHost: x\r\n"
KNOWN = "Authorization: Bearer secret\r\n"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Content-Length: 1000000000000\r\n", 401),
        ("Authorization: Bearer wrong\r\nContent-Length: 10\r\n", 401),
        ("Authorization: Bearer s\u00e9cret\r\nContent-Length: 10\r\n", 401),
        (f"{KNOWN}Content-Length: 1000000000000\r\n", 413),
        (f"{KNOWN}Content-Length: -1\r\n", 411),
        (f"{KNOWN}Transfer-Encoding: chunked\r\n", 411),
    ],
    ids=["a stranger", "a wrong token", "a token beyond ASCII", "too long", "a length below zero", "no length"],
)
def test_what_is_not_wanted_is_answered_before_its_body_has_come(headers: str, status: int) -> None:
    server = Server("secret")
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(f"{HEAD}{headers}\r\n".encode("latin-1"))
        # All that it says until it hangs up: no body was sent.
        with connection.makefile("rb") as answer:
            assert answer.read().startswith(f"HTTP/1.1 {status} ".encode())
    assert server.workloads.empty()
