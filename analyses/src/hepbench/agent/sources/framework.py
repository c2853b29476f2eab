"""Compressed bytes asked for, as ROOT and uproot count them."""

from __future__ import annotations

from hepbench.agent.native import root_counters
from hepbench.agent.sources.source import Values
from hepbench.agent.state import current


class Framework:
    """Of all threads."""

    names = ("framework_read_bytes_total", "framework_read_calls_total")

    def read(self) -> Values:
        """In bytes and calls."""
        process = current()
        values: Values = {}
        root = root_counters(process)
        uproot = (process.uproot_bytes, process.uproot_calls) if "uproot" in process.hooked else None
        if root is None and uproot is None:
            raise LookupError("neither ROOT nor uproot is loaded and hooked")
        if root:
            values["root_read_bytes_total"] = root[0]
        if uproot:
            values["uproot_read_bytes_total"] = uproot[0]
        both = [counters for counters in (root, uproot) if counters]
        return values | {
            "framework_read_bytes_total": sum(size for size, _ in both),
            "framework_read_calls_total": sum(calls for _, calls in both),
        }
