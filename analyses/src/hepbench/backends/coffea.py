"""Event loops of coffea: a processor for each, run by the eager Runner on Dask or in this process."""

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hepbench.analysis import Answer, Kind, Mark, Workload
from hepbench.backends.rdataframe import only
from hepbench.datasets.errors import DataError, made_anew
from hepbench.histograms import Histogram

# The processor of an event loop, which gives {events, histograms: {name: arrays}}, and the columns that it reads.
Loop = tuple[Any, Sequence[str]]


@dataclass(frozen=True)
class CoffeaLoops:
    """An `Analysis` whose processors read by `schema`; `to_histogram` makes a histogram of a name and its arrays."""

    each: Sequence[Loop]
    schema: Any
    to_histogram: Callable[[str, Mapping[str, Any]], Histogram]

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """coffea names its tasks after the class of the processor."""
        return {**{type(processor).__name__: "process" for processor, _ in self.each}, "reduce": "merge"}

    @property
    def loops(self) -> int:
        """See Analysis."""
        return len(self.each)

    def columns(self) -> Sequence[str]:
        """See Analysis."""
        return list(dict.fromkeys(name for _, columns in self.each for name in columns))

    def prepare(self, workload: Workload, client: Any) -> None:
        """Imports, which take two seconds; workers do it when they are first asked for."""
        self.warm("", "")

    def run(self, workload: Workload, client: Any, mark: Mark) -> tuple[list[int], dict[str, Any], int]:
        """The events that each loop counted, the arrays of the histograms by name, and the bytes that uproot read."""
        from coffea import processor

        fileset = {"data": {"treename": workload.tree, "files": workload.files}}
        counts, histograms, read = [], {}, 0
        for instance, columns in self.each:
            # An empty metadata cache: opening the files belongs to T in every trial, as it does for RDataFrame.
            runner: Any = processor.Runner(
                executor=_executor(workload, client), schema=self.schema, savemetrics=True, metadata_cache={}
            )
            # The branches of no interest are not interpreted: on files with hundreds of them that is 15 % of the CPU.
            options = {"filter_name": list(columns)}
            with contextlib.redirect_stdout(io.StringIO()):
                chunks = _chunks(workload, list(runner.preprocess(fileset)))
                mark("graph")
                output, metrics = runner(chunks, processor_instance=instance, iteritems_options=options)
            counts.append(int(output["events"]))
            histograms.update(output["histograms"])
            read += int(metrics["bytesread"])
        return counts, histograms, read

    def answer(self, result: tuple[list[int], dict[str, Any], int]) -> Answer:
        """See Analysis."""
        counts, histograms, read = result
        return Answer(only(counts), [self.to_histogram(n, h).to_json() for n, h in histograms.items()], read)

    def warm(self, tree: str, file: str) -> None:
        """Imports what processors need."""
        import coffea.processor  # noqa: F401
        from coffea.nanoevents import NanoAODSchema

        NanoAODSchema.warn_missing_crossrefs = False


def _executor(workload: Workload, client: Any) -> Any:
    from coffea import processor

    if client is not None:
        return processor.DaskExecutor(client=client, status=False, retries=0)
    if workload.threads > 1:
        return processor.FuturesExecutor(workers=workload.threads, status=False)
    return processor.IterativeExecutor(status=False)


def _chunks(workload: Workload, found: list[Any]) -> list[Any]:
    """The work items of the planned parts; `found` are coffea's own, which name and identify each file."""
    by_file = {item.filename: item for item in found}  # the last of each, which ends where the file does
    planned = {workload.files[file]: stop for file, _, stop in workload.parts}
    for name, stop in planned.items():
        if by_file[name].entrystop != stop:
            message = f"{name} holds {by_file[name].entrystop} events, {stop} are planned"
            raise DataError("DATA_ALTERED", message, made_anew(Path(name).parent.name))
    # Tasks of coffea are pure: equal items, of a file listed twice, would be one task whose result counts twice.
    return [
        replace(by_file[workload.files[file]], entrystart=start, entrystop=stop, usermeta={"listed": file})
        for file, start, stop in workload.parts
    ]
