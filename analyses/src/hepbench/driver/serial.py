"""The serial runner: the driver itself does the work, watched by the same instruments as a worker."""

from collections.abc import Callable
from typing import Any

from hepbench import agent
from hepbench.analysis import Answer, Workload
from hepbench.driver.execute import execute
from hepbench.driver.spool import Spool

NAME = "serial"


class _Stretches:
    """Two tasks of the serial loop: `other` from trigger to graph, `process` from graph to result."""

    def __init__(self, spool: Spool, mark: Callable[[str], None], metered: bool, threads: int) -> None:
        self.tasks: list[dict[str, Any]] = []
        self._spool, self._mark, self._metered, self._threads = spool, mark, metered, threads
        self._open: tuple[str, float, agent.TaskMeter] | None = None

    def mark(self, name: str) -> None:
        """Passes the mark on and begins or ends a stretch; the graph of a second loop belongs to the loop before."""
        if name == "result" or (name == "graph" and self._open and self._open[0] == "other"):
            self._end()
        self._mark(name)
        if name == "trigger":
            self._begin("other")
        elif name == "graph" and self._open is None:
            self._begin("process")

    def _begin(self, kind: str) -> None:
        meter = agent.TaskMeter()
        self._open = (kind, self._spool.now(), meter)
        if self._metered:
            meter.start()

    def _end(self) -> None:
        if self._open is None:
            raise RuntimeError("a mark came out of order")
        kind, start, meter = self._open
        fields = meter.stop() if self._metered else None
        if fields is not None and self._threads > 1:
            # The readings of this thread alone say nothing about the others.
            fields |= {"cpuSeconds": fields["processCpuSeconds"], "runQueueSeconds": None}
        self.tasks.append(
            {"key": f"serial-{kind}", "kind": kind, "start": start, "stop": self._spool.now(), "meter": fields}
        )
        self._open = None


def run_serial(workload: Workload, spool: Spool, mark: Callable[[str], None], watch: dict[str, Any]) -> Answer:
    """One trial without Dask: what its tasks would do happens in this process, in one stretch."""

    def add_sample(t: float, values: dict[str, float]) -> None:
        spool.add("sample", source=f"agent/{NAME}", t=spool.own(t), collector="agent", target=NAME, values=values)

    sampler = agent.Sampler(add_sample, watch["interval"])
    # coffea's threads are processes of a pool, which the instruments of this one do not see.
    pool = workload.backend == "coffea" and workload.threads > 1
    metered, sampled = watch["hook"] and not pool, watch["sampling"] and not pool
    stretches = _Stretches(spool, mark, metered, workload.threads)
    if metered:
        agent.hook()
    if sampled:
        sampler.sample(pss=True)
        sampler.start()
    try:
        answer = execute(workload, None, stretches.mark)
    finally:
        if sampled:
            sampler.stop()
            sampler.sample(pss=True)
    for task in stretches.tasks:
        spool.add("task", worker=NAME, status="ok", transfers=[], **task)
    return answer
