"""What the threads of this process spent in hooked calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from operator import add, sub
from typing import Any

from hepbench.agent.text import text_of

# A call of one kind inside one of these is part of it: reading a file's description is opening, not reading.
INSIDE = {
    "read": frozenset(("read", "open", "compile")),
    "open": frozenset(("read", "open", "compile")),
    "handover": frozenset(("read", "open", "compile", "handover")),
    "compile": frozenset(("compile",)),
}


class Tally(threading.local):
    """What this thread spent on each kind of hooked calls; every moment counts for the innermost of nested calls.

    `read` reads data, `open` a file's description, `compile` compiles and imports, `handover` prepares a task's graph
    and its results.
    """

    def __init__(self, process: Any) -> None:  # called anew in each thread
        self._process = process
        self.seconds = {kind: [0.0, 0.0] for kind in INSIDE}  # wall, CPU
        self.bytes_read = self.read_calls = 0  # as uproot counts them
        self.kind = ""  # of the innermost call
        self.in_source = False
        self.calls = self.timed = 0  # of hooked functions, and those that were timed: what hooks cost goes by them
        self._frames: list[tuple[str, list[float], list[float], float]] = []

    def enter(self, kind: str) -> None:
        self.timed += 1
        queue = run_queue_seconds() if kind == "open" else 0.0
        self._frames.append((self.kind, self._readings(), [0.0] * 7, queue))
        self.kind = kind

    def leave(self, kind: str = "") -> None:
        """Ends the innermost call, which turned out to be of that `kind` if one is given."""
        kind, (self.kind, started, inner, queue) = kind or self.kind, self._frames.pop()
        passed = list(map(sub, self._readings(), started))
        wall, cpu, jit, jit_cpu, read, read_cpu, away = map(sub, passed, inner)
        if self.kind == "read":  # a read, which has no frame, takes the whole of its time off those around it
            self.add("read", -passed[0], -passed[1])
        elif self._frames:
            outer = self._frames[-1][2]
            outer[:] = map(add, outer, passed)
        if kind == "read":
            self.add(kind, wall, cpu)
        elif kind == "compile":  # what the C++ listener accounts itself is not counted twice
            self.add(kind, wall - jit - read, cpu - jit_cpu - read_cpu)
        elif kind == "open":
            waited = run_queue_seconds() - queue  # for a core: that is a part of its own
            self.add(kind, max(cpu, wall - waited) - jit, cpu - jit_cpu)
            self.add("read", -read, -read_cpu)
        elif kind == "handover":
            self.add(kind, 0.0, cpu - away)

    def run(self, kind: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """What the function returns; its time is counted. Reads are so many that they get no frame."""
        if kind != "read":
            self.enter(kind)
            try:
                return function(*args, **kwargs)
            finally:
                self.leave()
        self.timed += 1
        outer, self.kind = self.kind, kind
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
            self.kind = outer
            self.add(kind, wall, cpu)
            if self._frames:
                inner = self._frames[-1][2]
                inner[0] += wall
                inner[1] += cpu

    def add(self, kind: str, wall: float, cpu: float) -> None:
        self.seconds[kind][0] += wall
        self.seconds[kind][1] += cpu

    def _readings(self) -> list[float]:
        """Seconds: wall and CPU of this thread, then the first five of `Native.totals`."""
        native = self._process.native
        return [time.perf_counter(), time.thread_time(), *(native.totals()[:5] if native else (0.0,) * 5)]


def run_queue_seconds() -> float:
    """How long this thread was runnable and had no core; 0 where the kernel does not say."""
    try:
        return int(text_of("/proc/thread-self/schedstat").split()[1]) / 1e9
    except OSError:
        return 0.0
