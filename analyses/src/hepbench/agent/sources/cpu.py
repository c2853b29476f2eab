"""CPU of the process by mode, and its threads."""

from __future__ import annotations

import contextlib
import os

from hepbench.agent.sources.source import Values
from hepbench.agent.text import text_of

TICKS = os.sysconf("SC_CLK_TCK")


class Cpu:
    """User and system time."""

    names = ("cpu_user_seconds_total", "cpu_system_seconds_total")

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self) -> Values:
        """In seconds, of all threads."""
        # After the last ")": the name of a program may hold spaces and parentheses. Ticks of 10 ms.
        fields = text_of(f"{self._root}/proc/self/stat").rpartition(")")[2].split()
        return {
            "cpu_user_seconds_total": int(fields[11]) / TICKS,
            "cpu_system_seconds_total": int(fields[12]) / TICKS,
        }


class Threads:
    """How many there are, and how long they were runnable and had no core."""

    names = ("threads", "run_queue_seconds_total")

    def __init__(self, root: str) -> None:
        self._root = root
        self._delays: dict[str, int] = {}  # nanoseconds in the run queue, by thread
        self._ended_delay = 0

    def read(self) -> Values:
        """Of all threads that are and were."""
        # schedstat of the process is that of its main thread only.
        threads = os.listdir(f"{self._root}/proc/self/task")
        now: dict[str, int] = {}
        for thread in threads:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended since the listing
                now[thread] = int(text_of(f"{self._root}/proc/self/task/{thread}/schedstat").split()[1])
        if not now:
            raise OSError("no schedstat: the kernel has no CONFIG_SCHED_INFO")
        for thread, delay in self._delays.items():
            if now.get(thread, -1) < delay:  # ended, perhaps with its id used again
                self._ended_delay += delay
        self._delays = now
        return {"threads": len(threads), "run_queue_seconds_total": (self._ended_delay + sum(now.values())) / 1e9}
