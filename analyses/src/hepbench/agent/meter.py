"""What one task used."""

from __future__ import annotations

import time
from typing import Any

from hepbench.agent.native import root_counters
from hepbench.agent.state import current, now, wall_ahead
from hepbench.agent.text import table_of, text_of

UNHOOKED = "ROOT read and could not be hooked"


class TaskMeter:
    """Readings of the calling thread and its process between `start()` and `stop()`, as the fields of a task's meter.

    With several threads in a process, ROOT's counters and those of the kernel mix the tasks that overlap.
    ROOT reads the pages of an RNTuple past its counters: of such a task only the opening of the file is seen.
    """

    def start(self) -> None:
        self._entered = time.thread_time()
        process = self._process = current()
        if process.native:
            process.native.watch_thread(True)
        self._slow = self._read_slow()
        self._hooked = self._process.tally.calls, self._process.tally.timed
        self.wall_ahead_at_start = wall_ahead()
        self.started_at = now()
        self._before = time.perf_counter(), time.thread_time(), time.process_time()

    def stop(self) -> dict[str, float | None]:
        after = time.perf_counter(), time.thread_time(), time.process_time()
        self.stopped_at = now()
        self.wall_ahead_at_stop = wall_ahead()
        wall, cpu, process_cpu = (b - a for a, b in zip(self._before, after, strict=True))
        slow = self._read_slow()
        if self._process.native:
            self._process.native.watch_thread(False)
        # A library that the task loaded counts from zero; what could not be read afterwards is missing.
        passed = {k: None if v is None else v - (self._slow[k] or 0) for k, v in slow.items()}
        meter = {"wallSeconds": wall, "cpuSeconds": cpu, "processCpuSeconds": process_cpu, **self._account(passed)}
        own = (self._before[1] - self._entered) + (time.thread_time() - after[1])
        tally, (call, timing) = self._process.tally, self._process.hook_cost
        hooks = call * (tally.calls - self._hooked[0]) + timing * (tally.timed - self._hooked[1])
        self._process.add_agent_cpu(own + hooks)
        return meter

    def _account(self, passed: dict[str, Any]) -> dict[str, float | None]:
        reasons = self._process.unavailable
        if passed["root_bytes"] and self._process.native is None:
            reasons |= dict.fromkeys(("readSeconds", "openSeconds", "handoverCpuSeconds"), UNHOOKED)

        def spent(name: str, *more: str) -> dict[str, float | None]:
            # Differences of sums that should be equal are off by the rounding of numbers, also below zero.
            return {field: None if name in reasons else round(passed[field], 9) for field in (name, *more)}

        counted = "uproot" in self._process.hooked or passed["root_bytes"] is not None
        return {
            "runQueueSeconds": passed["run_queue"],
            **spent("readSeconds", "readCpuSeconds"),
            **spent("compileSeconds", "compileCpuSeconds"),
            **spent("openSeconds", "openCpuSeconds"),
            **spent("handoverCpuSeconds"),
            "bytesRead": passed["uproot_bytes"] + (passed["root_bytes"] or 0) if counted else None,
            "readCalls": passed["uproot_calls"] + (passed["root_calls"] or 0) if counted else None,
            "rcharBytes": passed["rchar"],
            "blockReadBytes": passed["read_bytes"],
        }

    def _read_slow(self) -> dict[str, float | None]:
        tally, native, root = self._process.tally, self._process.native, root_counters(self._process)
        extra = native.totals() if native else [0.0] * 7
        try:
            io = table_of(text_of("/proc/self/io"))
        except OSError:
            io = {}
        try:
            run_queue = int(text_of("/proc/thread-self/schedstat").split()[1]) / 1e9
        except OSError:
            run_queue = None
        (read, read_cpu), (compiled, compile_cpu) = tally.seconds["read"], tally.seconds["compile"]
        opened, open_cpu = tally.seconds["open"]
        return {
            "compileSeconds": compiled + extra[0],
            "compileCpuSeconds": compile_cpu + extra[1],
            "readSeconds": read + extra[2],
            "readCpuSeconds": read_cpu + extra[3],
            # Of the files that an event loop opens itself only the CPU is known: their waiting is that of reads.
            "openSeconds": opened + extra[6],
            "openCpuSeconds": open_cpu + extra[6],
            "handoverCpuSeconds": tally.seconds["handover"][1] + extra[5],
            "run_queue": run_queue,
            "root_bytes": root[0] if root else None,
            "root_calls": root[1] if root else None,
            "uproot_bytes": tally.bytes_read,
            "uproot_calls": tally.read_calls,
            "rchar": io.get("rchar"),
            "read_bytes": io.get("read_bytes"),
        }
