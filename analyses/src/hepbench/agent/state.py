"""What the instruments of this process share: its clock, what its threads spent, and what is hooked."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

from hepbench.agent.tally import INSIDE, Tally

MODULE = "_hepbench_process"
# Steps of the wall clock: the smallest that is taken back, and the smallest that is worth a word. Time daemons let
# the clock run faster or slower below 128 ms (ntpd) or more.
SMALLEST_STEP_SECONDS, STEP_SECONDS = 0.001, 0.1


class Process:
    """State of the instruments, one per process: hooks patch process-wide functions whoever asks for them."""

    def __init__(self) -> None:
        self.tally = Tally(self)
        self.lock = threading.Lock()
        self.agent_cpu_seconds = 0.0
        self.uproot_bytes = self.uproot_calls = 0
        self.agents = self.users = 0
        self.undo = contextlib.ExitStack()
        self.pending: dict[str, Callable[[], None]] = {}  # module -> what to hook when it has been imported
        self.native: Any = None  # a Native, once ROOT is hooked
        self.root_functions: tuple[Any, ...] = ()
        self.hooked: set[str] = set()
        self.unavailable: dict[str, str] = {}
        self.hook_cost = (0.0, 0.0)  # CPU-seconds of a hooked call, and what more a timed one costs
        self.epoch, _ = wall_minus_monotonic()

    def add_agent_cpu(self, seconds: float) -> None:
        with self.lock:
            self.agent_cpu_seconds += seconds

    def enter(self) -> None:
        """An agent begins to use it."""
        with self.lock:
            self.agents += 1

    def leave(self) -> None:
        """With the last agent it goes, unless cling has taken in our C++, which nothing takes out again."""
        with self.lock:
            self.agents -= 1
            if self.agents == self.users == 0 and self.native is None:
                sys.modules.pop(MODULE, None)


def current() -> Process:
    # Not a global of this file: shipped by value, each pickle brings its own copy of the globals.
    modules = cast(dict[str, Any], sys.modules)
    if MODULE not in modules:
        modules.setdefault(MODULE, Process())
    return modules[MODULE]


def wall_minus_monotonic() -> tuple[float, float]:
    """In seconds, and how far that may be off: of several readings the quickest, as a process pauses now and then."""
    best = (0.0, float("inf"))
    for _ in range(5):
        before = time.monotonic()
        wall = time.time()
        after = time.monotonic()
        if (after - before) / 2 < best[1]:
            best = (wall - (before + after) / 2, (after - before) / 2)
    return best


def now() -> float:
    """Seconds since the epoch on the clock of all that is measured in this process, which nobody can set.

    It is the wall clock when the process first asked, and the monotonic clock since: both are kept to the right speed.
    """
    return current().epoch + time.monotonic()


def wall_ahead() -> float:
    """The wall clock minus `now()`, in seconds: by how much it was set since; exactly 0 where it was not."""
    there, error = wall_minus_monotonic()
    ahead = there - current().epoch
    return 0.0 if abs(ahead) < SMALLEST_STEP_SECONDS + error else ahead


def clocks() -> tuple[float, float]:
    """The wall clock, and `wall_ahead()`."""
    return time.time(), wall_ahead()


@contextlib.contextmanager
def timed(kind: str) -> Iterator[None]:
    tally = current().tally
    if tally.kind in INSIDE[kind]:
        yield
        return
    tally.enter(kind)
    try:
        yield
    finally:
        tally.leave()


def metered(kind: str, function: Callable[..., Any], waits: Callable[..., bool] | None = None) -> Callable[..., Any]:
    """`function`, whose time counts for `kind`; not that of a call of whose first argument `waits` says false."""
    tally, inside = current().tally, INSIDE[kind]

    def call(*args: Any, **kwargs: Any) -> Any:
        tally.calls += 1
        if tally.kind in inside or (waits and not waits(*args[:1])):
            return function(*args, **kwargs)
        return tally.run(kind, function, args, kwargs)

    return call


def measure_hooks(process: Process) -> None:
    """Finds out what a hooked call costs, beyond the call itself: no clock can be read in each of them."""

    def seconds(function: Callable[[], Any], calls: int = 300) -> float:
        before = time.thread_time()
        for _ in range(calls):
            function()
        return (time.thread_time() - before) / calls

    bare = seconds(nothing)
    untimed = max(0.0, seconds(metered("read", nothing, bool)) - bare)
    process.hook_cost = (untimed, max(0.0, seconds(metered("read", nothing)) - bare - untimed))


def nothing() -> None:
    """Stands for a hooked function."""


def metered_read() -> contextlib.AbstractContextManager[None]:
    """Counts the block as reading: wall and CPU seconds of this thread go to the task's `readSeconds`."""
    return timed("read")


def add_compile(seconds: float, cpu_seconds: float) -> None:
    """Adds wall and CPU seconds that the caller timed itself to the compilation of the task of this thread."""
    current().tally.add("compile", seconds, cpu_seconds)


def replace(process: Process, owner: Any, name: str, value: Any) -> None:
    original = getattr(owner, name)
    setattr(owner, name, value)
    process.undo.callback(setattr, owner, name, original)
