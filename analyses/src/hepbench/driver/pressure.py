"""Workers near the limit of their memory: paused or spilling, or so large that a nanny would have killed them."""

import contextlib
import math
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Any

POLL_SECONDS = 1.0
# So many looks in a row at a cluster in which tasks wait for paused workers and none executes: nothing will move again.
LOOKS_UNTIL_STUCK = 5
# A nanny kills and restarts a worker beyond this share of its limit (distributed.worker.memory.terminate).
# Ours have none: docs/decisions/0002-no-nanny.md.
TERMINATE_FRACTION = 0.95
KIB, MIB = 1024, 1024 * 1024
# Name of a worker, whether it is paused, its memory, its limit (0 for none) and what it has on disk, in bytes.
Row = tuple[str, bool, int, int, int]


def look(dask_scheduler: Any, since: float) -> tuple[float, list[Row], bool]:
    """Now, a row for every worker, and whether nothing moves for want of memory; to be run on the scheduler.

    Nothing counts as spilled by a worker that has not reported after `since`: that was in an earlier trial.
    """
    rows, moving, waiting = [], False, False
    for worker in dask_scheduler.workers.values():
        is_paused, counts = worker.status.name == "paused", worker.metrics.get("task_counts", {})
        moving = moving or counts.get("executing", 0) + counts.get("flight", 0) > 0
        # Dask leaves a task with its worker when that is paused, also when another one is idle.
        waiting = waiting or (is_paused and len(worker.processing) > 0)
        memory, spilled = (
            int(worker.metrics.get("memory", 0)),
            int(worker.metrics.get("spilled_bytes", {}).get("disk", 0)),
        )
        spilled = spilled if worker.last_seen > since else 0
        rows.append((str(worker.name), is_paused, memory, int(worker.memory_limit or 0), spilled))
    all_paused = bool(rows) and all(is_paused for _, is_paused, *_ in rows)
    return time.time(), rows, not moving and (waiting or all_paused)


class Watch:
    """Looks once a second, in its own thread, while a computation runs; calls `stuck` once when nothing can move."""

    def __init__(self, client: Any, stuck: Callable[["Watch"], None]) -> None:
        self._client, self._stuck = client, stuck
        self._since = math.inf
        self._limits: dict[str, int] = {}
        # The most that was seen of each worker, in bytes.
        self._paused: dict[str, int] = {}
        self._memory: dict[str, int] = {}
        self._spilled: dict[str, int] = {}
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._since, rows, _ = self._client.run_on_scheduler(partial(look, since=math.inf))
        self._keep(rows)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    @property
    def resident_bytes(self) -> int:
        """The largest resident set of any worker that was seen."""
        return max(self._memory.values(), default=0)

    def sample(self, name: str, values: Mapping[str, float]) -> None:
        """Takes what a worker's agent says of it: its kernel knows of peaks between two looks."""
        with self._lock:
            _raise(self._memory, name, int(values.get("rss_high_water_bytes", 0)))
            _raise(self._spilled, name, int(values.get("spilled_bytes", 0)))

    def paused(self) -> str | None:
        """For people: `2 workers paused: memory at 206 of 256 MiB`, of the fullest; None when none was."""
        if not self._paused:
            return None
        return f"{_workers(self._paused)} paused: memory at {self._fullest(self._paused)}"

    def over_limit(self) -> str | None:
        """The same for workers that a nanny would have killed."""
        memory = self._memory
        over = {
            name: memory[name]
            for name, limit in self._limits.items()
            if limit and memory[name] > limit * TERMINATE_FRACTION
        }
        if not over:
            return None
        its, it = ("its", "it") if len(over) == 1 else ("their", "them")
        where = f"beyond {TERMINATE_FRACTION * 100:.0f} % of {its} memory limit: {self._fullest(over)}"
        return f"{_workers(over)} {where}; a nanny would have killed {it}"

    def spilled(self) -> str | None:
        """The same for workers that had results on disk."""
        spilled = {name: size for name, size in self._spilled.items() if size}
        if not spilled:
            return None
        size = _size(sum(spilled.values()))
        return f"{_workers(spilled)} spilled {size} to disk: T holds the writing and reading of results"

    def troubles(self) -> dict[str, str]:
        """What was wrong, by code, after a last look."""
        # The scheduler may be gone: what was seen before still holds.
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            self._look()
        said = {
            "WORKERS_PAUSED": self.paused(),
            "MEMORY_OVER_LIMIT": self.over_limit(),
            "WORKERS_SPILLED": self.spilled(),
        }
        return {code: message for code, message in said.items() if message is not None}

    def _run(self) -> None:
        looks = 0
        while not self._end.wait(POLL_SECONDS):
            try:
                stalled = self._look()
            except (OSError, ValueError, TimeoutError):
                return  # the scheduler is gone: the computation itself will say so
            looks = looks + 1 if stalled else 0
            if looks == LOOKS_UNTIL_STUCK:
                self._stuck(self)

    def _look(self) -> bool:
        _, rows, stalled = self._client.run_on_scheduler(partial(look, since=self._since))
        self._keep(rows)
        return stalled

    def _keep(self, rows: list[Row]) -> None:
        with self._lock:
            for name, is_paused, memory, limit, spilled in rows:
                self._limits[name] = limit
                _raise(self._memory, name, memory)
                _raise(self._spilled, name, spilled)
                if is_paused:
                    _raise(self._paused, name, memory)

    def _fullest(self, memory: dict[str, int]) -> str:
        name = max(memory, key=memory.__getitem__)
        return f"{round(memory[name] / MIB)} of {round(self._limits[name] / MIB)} MiB"


def _raise(largest: dict[str, int], name: str, value: int) -> None:
    largest[name] = max(value, largest.get(name, 0))


def _workers(named: Mapping[str, int]) -> str:
    return f"{len(named)} worker{'' if len(named) == 1 else 's'}"


def _size(size: int) -> str:
    return f"{round(size / MIB)} MiB" if size >= MIB else f"{math.ceil(size / KIB)} KiB"
