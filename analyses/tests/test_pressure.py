"""What is said of workers near their memory limit, from what the scheduler and their agents know."""

import math
import threading
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from distributed.config import defaults

from hepbench.driver import pressure
from hepbench.driver.pressure import MIB, Watch


def a_worker(name: str, memory: int, *, status: str = "running", disk: int = 0, last_seen: float = math.inf) -> Any:
    """As the scheduler knows one with a limit of 200 MiB; `memory` and `disk` in MiB."""
    metrics = {"memory": memory * MIB, "spilled_bytes": {"memory": 0, "disk": disk * MIB}}
    return SimpleNamespace(
        name=name,
        status=SimpleNamespace(name=status),
        metrics=metrics,
        memory_limit=200 * MIB,
        last_seen=last_seen,
        processing={},
    )


class Scheduler:
    """A client and its scheduler in one."""

    def __init__(self, *workers: Any) -> None:
        self.workers = {worker.name: worker for worker in workers}
        self.looks = threading.Semaphore(0)

    def run_on_scheduler(self, function: partial[Any]) -> Any:
        self.looks.release()
        return function(self)


def troubles(scheduler: Scheduler, *samples: tuple[str, dict[str, float]]) -> dict[str, str]:
    with Watch(scheduler, lambda _: None) as watch:
        for name, values in samples:
            watch.sample(name, values)
        return watch.troubles()


def test_workers_with_room_are_no_trouble() -> None:
    assert troubles(Scheduler(a_worker("w0", 100), a_worker("w1", 190))) == {}


def test_one_paused_worker_of_two_is_named_with_its_memory() -> None:
    found = troubles(Scheduler(a_worker("w0", 170, status="paused"), a_worker("w1", 100)))
    assert found == {"WORKERS_PAUSED": "1 worker paused: memory at 170 of 200 MiB"}


def test_workers_that_a_nanny_would_have_killed_are_counted_and_the_fullest_is_shown() -> None:
    found = troubles(Scheduler(a_worker("w0", 191), a_worker("w1", 250), a_worker("w2", 189)))
    said = "2 workers beyond 95 % of their memory limit: 250 of 200 MiB; a nanny would have killed them"
    assert found == {"MEMORY_OVER_LIMIT": said}


def test_a_peak_between_two_looks_is_known_from_the_kernel() -> None:
    found = troubles(Scheduler(a_worker("w0", 100)), ("w0", {"rss_high_water_bytes": 195 * MIB}))
    assert found == {
        "MEMORY_OVER_LIMIT": "1 worker beyond 95 % of its memory limit: 195 of 200 MiB; a nanny would have killed it"
    }


def test_a_worker_without_limit_is_never_beyond_it() -> None:
    worker = a_worker("w0", 250)
    worker.memory_limit = 0
    assert troubles(Scheduler(worker)) == {}


def test_what_workers_have_on_disk_is_added_up() -> None:
    found = troubles(Scheduler(a_worker("w0", 100, disk=70), a_worker("w1", 100, disk=50)))
    assert found == {"WORKERS_SPILLED": "2 workers spilled 120 MiB to disk: T holds the writing and reading of results"}


def test_little_that_only_the_agent_saw_on_disk_is_not_called_nothing() -> None:
    found = troubles(Scheduler(a_worker("w0", 100)), ("w0", {"spilled_bytes": 300}))
    assert found["WORKERS_SPILLED"].startswith("1 worker spilled 1 KiB to disk")


def test_what_was_spilled_in_an_earlier_trial_is_not_counted() -> None:
    assert troubles(Scheduler(a_worker("w0", 100, disk=70, last_seen=0.0))) == {}


def test_a_cluster_in_which_nothing_can_move_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "POLL_SECONDS", 0.001)
    scheduler = Scheduler(a_worker("w0", 170, status="paused"))
    said: list[str | None] = []
    with Watch(scheduler, lambda watch: said.append(watch.paused())) as watch:
        for _ in range(3 * pressure.LOOKS_UNTIL_STUCK):
            assert scheduler.looks.acquire(timeout=60)
        assert watch.resident_bytes == 170 * MIB
    assert said == ["1 worker paused: memory at 170 of 200 MiB"]


def nothing_moves(*workers: Any) -> bool:
    return pressure.look(Scheduler(*workers), since=0)[2]


@pytest.mark.parametrize("what", ["executing", "flight"])
def test_a_cluster_in_which_something_moves_is_not_stuck(what: str) -> None:
    paused, other = a_worker("w0", 170, status="paused"), a_worker("w1", 170, status="paused")
    assert nothing_moves(paused, other)
    other.metrics["task_counts"] = {what: 1}
    assert not nothing_moves(paused, other)


def test_a_task_that_waits_for_a_paused_worker_stops_all_when_the_others_are_idle() -> None:
    paused, other = a_worker("w0", 170, status="paused"), a_worker("w1", 100)
    assert not nothing_moves(paused, other)
    paused.processing = {"task": 0.1}
    assert nothing_moves(paused, other)
    other.metrics["task_counts"] = {"executing": 1}
    assert not nothing_moves(paused, other)
    paused.status.name = "running"
    other.metrics["task_counts"] = {}
    assert not nothing_moves(paused, other)


def test_the_nanny_of_the_pinned_dask_kills_where_we_say() -> None:
    assert defaults["distributed"]["worker"]["memory"]["terminate"] == pressure.TERMINATE_FRACTION
