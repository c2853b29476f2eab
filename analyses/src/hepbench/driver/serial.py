"""The serial runner: the driver itself does the work, watched by the same instruments as a worker."""

from collections.abc import Callable
from typing import Any

from hepbench import agent
from hepbench.driver.execute import Answer, Workload, execute
from hepbench.driver.spool import Spool

NAME = "serial"


def run_serial(workload: Workload, spool: Spool, mark: Callable[[str], None], watch: dict[str, Any]) -> Answer:
    """One trial without Dask; its loop is one event-processing task, from the trigger to the result."""
    samples: list[tuple[float, dict[str, float]]] = []
    sampler = agent.Sampler(lambda t, values: samples.append((t, values)), watch["interval"])
    meter, times = agent.TaskMeter(), {}

    def marked(name: str) -> None:
        if name == "result":
            times["stop"] = spool.now()
            times["meter"] = meter.stop() if watch["hook"] else None
        mark(name)
        if name == "trigger":
            times["start"] = spool.now()
            if watch["hook"]:
                meter.start()

    if watch["hook"]:
        agent.hook()
    if watch["sampling"]:
        sampler.sample(pss=True)
        sampler.start()
    try:
        answer = execute(workload, None, marked)
    finally:
        if watch["sampling"]:
            sampler.stop()
            sampler.sample(pss=True)
    spool.add("task", key="serial-loop", kind="process", worker=NAME, status="ok", transfers=[], **times)
    for t, values in samples:
        spool.add("sample", source=f"agent/{NAME}", t=t, collector="agent", target=NAME, values=values)
    return answer
