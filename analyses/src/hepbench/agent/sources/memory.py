"""Memory of the process."""

from __future__ import annotations

import os
import re
from typing import Any

from hepbench.agent.sources.source import Values
from hepbench.agent.text import text_of

PAGE_BYTES = os.sysconf("SC_PAGESIZE")


class Resident:
    """The resident set."""

    names = ("rss_bytes",)

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self) -> Values:
        """In bytes, to the page."""
        return {"rss_bytes": int(text_of(f"{self._root}/proc/self/statm").split()[1]) * PAGE_BYTES}


class HighWater:
    """The largest resident set so far."""

    names = ("rss_high_water_bytes",)

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self) -> Values:
        """In bytes, to the kilobyte."""
        match = re.search(r"^VmHWM:\s+(\d+) kB", text_of(f"{self._root}/proc/self/status"), re.MULTILINE)
        if match is None:
            raise ValueError("no VmHWM in status")
        return {"rss_high_water_bytes": int(match[1]) * 1024}


class Proportional:
    """The resident set with shared pages divided among those who share them: 14 ms for a process with 1.5 GB."""

    names = ("pss_bytes",)

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self) -> Values:
        """In bytes, to the kilobyte."""
        match = re.search(r"^Pss:\s+(\d+) kB", text_of(f"{self._root}/proc/self/smaps_rollup"), re.MULTILINE)
        if match is None:
            raise ValueError("no Pss in smaps_rollup")
        return {"pss_bytes": int(match[1]) * 1024}


class Spilled:
    """What a Dask worker has moved to disk; `store` is where it keeps its results."""

    names = ("spilled_bytes",)

    def __init__(self, store: Any) -> None:
        self._store = store

    def read(self) -> Values:
        """In bytes."""
        # A plain dict where the worker has no memory limit.
        if not hasattr(self._store, "spilled_total"):
            raise LookupError("this worker does not spill")
        return {"spilled_bytes": self._store.spilled_total.disk}
