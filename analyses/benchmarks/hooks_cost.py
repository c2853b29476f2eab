"""What the hooks cost a task of coffea: the same chunk without them and with them, in turn, in one process.

    python benchmarks/hooks_cost.py FILE.root [--rounds 40] [--events 4000]

Prints the CPU of the thread with hooks and meter over that without, and the same ratio by the instruments' own account.
`suite self` compares T on a real cluster, which other programs on the machine change more than hooks do. CPU of one
thread they change less, and least that of the quickest runs: their decile is compared beside the median.
"""

import argparse
import contextlib
import importlib
import io
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hepbench import agent
from hepbench.analyses.adl import QUERIES, coffea, columns_of


def main() -> None:
    """Prints three lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--events", type=int, default=4000)
    options = parser.parse_args()
    work = job(options.file, options.events)
    bare: list[float] = []
    hooked: list[float] = []
    own: list[float] = []
    for _ in range(options.rounds + 1):  # the first round warms up
        bare += [cpu_of(work), cpu_of(work)]
        agent.hook()
        for _ in range(2):
            before = agent.current().agent_cpu_seconds
            hooked.append(cpu_of(lambda: metered(work)))
            own.append(agent.current().agent_cpu_seconds - before)
        agent.unhook()
    for share, name in ((0.5, "medians"), (0.1, "lower deciles")):
        print(f"with hooks / without, {name} of {2 * options.rounds} runs: {ratio(hooked[2:], bare[2:], share)}")
    print(f"by their own account: {1 + np.median(np.array(own[2:]) / (np.array(hooked[2:]) - own[2:])):.4f}")


def job(path: str, events: int) -> Callable[[], Any]:
    """Processes the first events of the file, as a task of coffea does."""
    processor: Any = importlib.import_module("coffea.processor")
    schema = importlib.import_module("coffea.nanoevents").BaseSchema
    executor = processor.IterativeExecutor(status=False)
    runner = processor.Runner(executor=executor, schema=schema, savemetrics=True, metadata_cache={})
    (whole, *_) = runner.preprocess({"data": {"treename": "Events", "files": [path]}})
    chunk = [replace(whole, entrystart=0, entrystop=events)]
    columns = {"filter_name": columns_of(QUERIES)}
    return lambda: runner(chunk, processor_instance=coffea(QUERIES), iteritems_options=columns)


def metered(work: Callable[[], Any]) -> None:
    """As the agent meters a task."""
    meter = agent.TaskMeter()
    meter.start()
    work()
    meter.stop()


def cpu_of(work: Callable[[], Any]) -> float:
    """CPU-seconds of this thread, without coffea's progress bar on the terminal."""
    with contextlib.redirect_stdout(io.StringIO()):
        before = time.thread_time()
        work()
        return time.thread_time() - before


def ratio(hooked: list[float], bare: list[float], share: float) -> str:
    """Of two quantiles, with the 95 % interval of a bootstrap over the runs."""
    random = np.random.default_rng(1)

    def drawn(values: list[float]) -> Any:
        return np.quantile(random.choice(values, (2000, len(values))), share, axis=1)

    low, high = np.quantile(drawn(hooked) / drawn(bare), (0.025, 0.975))
    return f"{np.quantile(hooked, share) / np.quantile(bare, share):.4f} [{low:.4f}, {high:.4f}]"


if __name__ == "__main__":
    main()
