"""A cluster whose Python lacks hepbench, or has another version of it, runs every analysis."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from adl_events import generated, write
from distributed import Client

from hepbench import carried
from hepbench.analyses import adl
from hepbench.datasets.writer import TREE
from hepbench.driver.connection import Cluster
from hepbench.driver.spool import Spool
from hepbench.driver.trial import Trial

WATCH = {"sampling": True, "hook": True, "interval": 1.0, "joinSeconds": 60}
EVENTS = 2_000
Start = Callable[..., str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a scheduler and a worker as a facility does, and gives the scheduler's address."""
    running: list[subprocess.Popen[bytes]] = []

    def dask(*args: str, **more: str) -> None:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
        command = [sys.executable, "-m", f"distributed.cli.dask_{args[0]}", *args[1:], "--no-dashboard"]
        running.append(subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL))

    def cluster(**more: str) -> str:
        told = tmp_path / "scheduler.json"
        dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told), **more)
        while not (told.exists() and told.read_text().endswith("}")):
            time.sleep(0.05)
        address = json.loads(told.read_text())["address"]
        dask("worker", address, "--nthreads", "1", "--no-nanny", "--name", "w0", **more)
        return address

    yield cluster
    for process in reversed(running):
        process.kill()
        process.wait()


def found() -> str | None:
    """The file of hepbench that a process imports."""
    try:
        import hepbench
    except ImportError:
        return None
    return hepbench.__file__


def places(address: str) -> tuple[str | None, list[str | None]]:
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with Client(address) as connected:
        client: Any = connected
        client.wait_for_workers(1, timeout=60)
        return client.run_on_scheduler(found), list(client.run(found).values())


def workload(backend: str, files: list[str]) -> dict[str, Any]:
    data = {"files": files, "tree": TREE, "columns": list(adl.columns_of(["1", "6"]))} if files else {}
    return {
        "trial": backend,
        "suite": "adl" if files else "control",
        "backend": backend,
        "parameters": {"queries": "1,6", "loops": "one"} if files else {"kind": "empty", "amount": "0"},
        "files": [],
        "tree": "",
        "columns": [],
        "events": EVENTS if files else 2,
        "tasks": 2,
        "parts": [(0, 0, 1000), (0, 1000, EVENTS)] if files else [],
        "threads": 1,
        "edit": 0,
        "page_cache": "uncontrolled",
        **data,
    }


def events_of(cluster: Cluster, backend: str, files: list[str]) -> list[dict[str, Any]]:
    spool = Spool(backend)
    Trial(workload(backend, files), spool, cluster, WATCH).run()
    return [json.loads(line) for line in spool.after(0, 0)[0]]


def of_type(events: list[dict[str, Any]], *types: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] in types]


def test_workers_without_hepbench_run_every_suite_in_every_backend_watched(start: Start, tmp_path: Path) -> None:
    address = start()
    cluster = Cluster(address, 1, WATCH)
    files = [write(tmp_path / "0.root", generated(0, EVENTS))]
    answers = {}
    for backend, data in (("dask", []), ("rdataframe", files), ("coffea", files)):
        events = events_of(cluster, backend, data)
        (answers[backend],) = of_type(events, "answer", "failed")
        assert answers[backend].get("message") is None
        tasks = [task for task in of_type(events, "task") if task["kind"] == "process"]
        assert len(tasks) == 2
        assert all(task["meter"] for task in tasks)
    cluster.client.close()
    assert [answers[backend]["events"] for backend in answers] == [2, EVENTS, EVENTS]
    histograms = [{one["name"]: one["values"] for one in answers[backend]["histograms"]} for backend in answers]
    assert histograms[1] == histograms[2] != {}
    scheduler, (worker,) = places(address)
    assert (scheduler or "").startswith("/proc/self/fd/")
    assert (worker or "").startswith("/proc/self/fd/")


def test_without_it_they_do_not_which_a_journal_says(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "carry", lambda _client: None)
    address = start()
    with pytest.raises(Exception, match="hepbench"):
        Cluster(address, 1, WATCH)
    assert places(address) == (None, [None])


def test_another_version_is_replaced_and_the_same_one_stays(start: Start, tmp_path: Path) -> None:
    other = tmp_path / "other" / "hepbench"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    address = start(PYTHONPATH=str(other.parent))
    assert places(address) == (f"{other}/__init__.py", [f"{other}/__init__.py"])
    first = Cluster(address, 1, WATCH)
    brought = places(address)
    assert all(place.startswith("/proc/self/fd/") for place in (brought[0] or "", brought[1][0] or ""))
    again = Cluster(address, 1, WATCH)
    assert places(address) == brought
    for cluster in (first, again):
        cluster.client.close()
    digest, archive = carried.packed()
    assert not carried.unpack(digest, archive)
