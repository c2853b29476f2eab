"""Reads all sources again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from hepbench.agent.sources import all_sources
from hepbench.agent.sources.source import Values
from hepbench.agent.state import current, now

PSS_INTERVAL_SECONDS = 30.0  # smaps_rollup walks all mappings: 14 ms for a process with 1.5 GB

Emit = Callable[[float, Values], None]


class Sampler:
    """Reads counters (cumulative, `_total`) and gauges of its own process and cgroup every `interval` seconds.

    `emit(t, values)` gets the time as `now()` gives it; units are in the names. What cannot be read is absent from
    `values`, with its reason in `unavailable`. `root` is put before /proc and the cgroup folders; `store` is where a
    Dask worker keeps its results.
    """

    def __init__(self, emit: Emit, interval: float = 1.0, root: str = "", store: Any = None) -> None:
        self.interval = interval
        self.unavailable: dict[str, str] = {}
        self._emit = emit
        self._sources = all_sources(root, store)
        self._process = current()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._largest: Values = {}
        self._pss_due = 0.0

    def start(self) -> None:
        """Samples at once and then from a daemon thread."""
        self._thread = threading.Thread(target=self._run, name="hepbench-agent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; takes no last sample."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            self.sample()
            # After a gap (cling or C code held the GIL) the missed samples are left out, not made up for.
            due += self.interval
            if due < time.monotonic():
                due = time.monotonic() + self.interval

    def postpone_pss(self) -> None:
        """Begins the 30 seconds anew: no reading of PSS (1 % of a second) in a measurement that is shorter."""
        self._pss_due = time.monotonic() + PSS_INTERVAL_SECONDS

    def sample(self, *, pss: bool = False) -> None:
        """Emits one sample; `pss` adds the proportional set size before its 30 seconds are over."""
        cpu = time.thread_time()
        with self._lock:
            self._emit(now(), self.read(pss=pss))
        self._process.add_agent_cpu(time.thread_time() - cpu)

    def read(self, *, pss: bool = False) -> Values:
        """Values by name; counters never fall, as `prmon` does it."""
        if pss or time.monotonic() >= self._pss_due:
            pss, self._pss_due = True, time.monotonic() + PSS_INTERVAL_SECONDS
        values: Values = {"cpu_seconds_total": time.process_time()}
        for source in self._sources:
            if source.names == ("pss_bytes",) and not pss:
                continue
            try:
                values |= source.read()
            except (OSError, LookupError, ValueError) as error:
                self.unavailable |= dict.fromkeys(source.names, f"{type(error).__name__}: {error}")
        values["agent_cpu_seconds_total"] = self._process.agent_cpu_seconds
        for name in values:
            self.unavailable.pop(name, None)
            if name.endswith("_total"):
                values[name] = self._largest[name] = max(values[name], self._largest.get(name, 0.0))
        return values
