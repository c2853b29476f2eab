"""How fast the cores are just after a trial, and what Dask needs for the same tasks without work.

After and not before, so that nothing of it warms a trial that is cold.
"""

import math
import statistics
import time
from dataclasses import replace
from typing import Any

from hepbench.analyses import control
from hepbench.analysis import Workload

RUNS = 5
# About 10 ms of a core of 2020; a list that leaves the first-level cache, as the columns of events do.
STEPS = 60_000
_VALUES = [math.sqrt(step) for step in range(STEPS)]


def kernel_seconds() -> float:
    """CPU-seconds of this thread for one run of the fixed kernel: the median of five, in about 0.1 s."""
    return statistics.median(_one_run() for _ in range(RUNS))


def _one_run() -> float:
    start = time.thread_time()
    total = 0.0
    for step, value in enumerate(_VALUES):
        total += math.exp(-value) * _VALUES[step * 7919 % STEPS]
    spent = time.thread_time() - start
    if not total > 0:
        raise ArithmeticError(f"the kernel of the probe gave {total}")
    return spent


def floor_seconds(client: Any, workload: Workload, loops: int) -> float:
    """Trigger to result, in seconds, of as many loops of as many empty tasks as the trial has, with their merges."""
    empty = control.analysis("dask", {"kind": "empty", "amount": "0"})
    without_data = replace(workload, files=[])
    start = time.perf_counter()
    for _ in range(loops):
        empty.run(without_data, client, lambda _mark: None)
    return time.perf_counter() - start
