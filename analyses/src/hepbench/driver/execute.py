"""Runs one workload with one backend and gives its answer. Everything here happens in the client process."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hepbench import analyses
from hepbench.datasets.errors import DataError, made_anew
from hepbench.histograms import Histogram

Mark = Callable[[str], None]


@dataclass
class Answer:
    """Events counted in the same loop that filled the histograms, and the framework's own count of compressed bytes."""

    events: int
    histograms: list[dict[str, Any]] = field(default_factory=list)
    bytes_read: int | None = None


@dataclass(frozen=True)
class Workload:
    """What the runner asks for.

    `tasks` is the number of event-processing tasks for each loop, `parts` what each of them reads: index of the file,
    first event, event after the last. Distributed RDataFrame finds the same parts by itself.
    """

    trial: str
    suite: str
    backend: str
    parameters: dict[str, str]
    files: list[str]
    tree: str
    events: int
    tasks: int
    parts: list[tuple[int, int, int]]
    threads: int
    edit: int
    page_cache: str

    @property
    def loops(self) -> list[list[str]]:
        """The queries of each event loop: all in one, or one loop for each query."""
        queries = self.parameters.get("queries", "").split(",")  # suite `control` has none, and one loop
        return [queries] if self.parameters.get("loops", "one") == "one" else [[query] for query in queries]


def execute(workload: Workload, client: Any, mark: Mark) -> Answer:
    """Marks `prepare`, `trigger`, `graph`, `result` and returns the answer; `client` is None for the serial runner."""
    run = {"rdataframe": _rdataframe, "coffea": _coffea, "dask": _dask}[workload.backend]
    mark("prepare")
    return run(workload, client, mark)


def _rdataframe(workload: Workload, client: Any, mark: Mark) -> Answer:
    import ROOT

    suite = analyses.load(workload.suite)
    loops = [suite.rdataframe(queries, workload.edit) for queries in workload.loops]
    for loop in loops:
        loop.declare()
    if client is not None:
        ROOT.RDF.Distributed.initialize(_declare_all, workload.suite, workload.loops)
    elif workload.threads > 1:
        ROOT.EnableImplicitMT(workload.threads)
    mark("trigger")
    counts, results = [], {}
    for loop in loops:
        source = (workload.tree, workload.files)
        df = (
            ROOT.RDataFrame(*source)
            if client is None
            else ROOT.RDataFrame(*source, executor=client, npartitions=workload.tasks)
        )
        count, booked = df.Count(), loop.book(df)
        mark("graph")
        # DistRDF draws a progress bar on standard output.
        with contextlib.redirect_stdout(io.StringIO()):
            counts.append(int(count.GetValue()))
            results.update({name: pointer.GetValue() for name, pointer in booked.items()})
    mark("result")
    return Answer(_only(counts), [Histogram.from_root(suite.definition(n), h).to_json() for n, h in results.items()])


def _declare_all(suite: str, loops: list[list[str]]) -> None:
    for queries in loops:
        analyses.load(suite).rdataframe(queries).declare()


def _coffea(workload: Workload, client: Any, mark: Mark) -> Answer:
    from coffea import processor
    from coffea.nanoevents import NanoAODSchema

    suite = analyses.load(workload.suite)
    NanoAODSchema.warn_missing_crossrefs = False
    if client is not None:
        executor = processor.DaskExecutor(client=client, status=False, retries=0)
    elif workload.threads > 1:
        executor = processor.FuturesExecutor(workers=workload.threads, status=False)
    else:
        executor = processor.IterativeExecutor(status=False)
    fileset = {"data": {"treename": workload.tree, "files": workload.files}}
    mark("trigger")
    counts, histograms, read = [], {}, 0
    for queries in workload.loops:
        # The branches of no interest are not interpreted: on files with hundreds of them that is 15 % of the CPU.
        columns = {"filter_name": suite.columns_of(queries)}
        # An empty metadata cache: opening the files belongs to T in every trial, as it does for RDataFrame.
        runner: Any = processor.Runner(executor=executor, schema=suite.SCHEMA, savemetrics=True, metadata_cache={})
        with contextlib.redirect_stdout(io.StringIO()):
            chunks = _chunks(workload, list(runner.preprocess(fileset)))
            mark("graph")
            output, metrics = runner(chunks, processor_instance=suite.coffea(queries), iteritems_options=columns)
        counts.append(int(output["events"]))
        histograms.update(output["histograms"])
        read += int(metrics["bytesread"])
    mark("result")
    return Answer(_only(counts), [suite.to_histogram(name, h).to_json() for name, h in histograms.items()], read)


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


def _dask(workload: Workload, client: Any, mark: Mark) -> Answer:
    suite = analyses.load(workload.suite)
    mark("trigger")
    results = suite.run(client, workload, mark)
    mark("result")
    return Answer(results)


def _only(counts: list[int]) -> int:
    if len(set(counts)) != 1:
        raise RuntimeError(f"the loops of one trial counted different numbers of events: {counts}")
    return counts[0]
