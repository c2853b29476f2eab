"""Runs one workload with one backend and gives its answer. Everything here happens in the client process."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hepbench import analyses
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
    """What the runner asks for; `tasks` is the number of event-processing tasks for each loop."""

    trial: str
    suite: str
    backend: str
    parameters: dict[str, str]
    files: list[str]
    tree: str
    events: int
    tasks: int
    threads: int
    edit: int
    page_cache: str

    @property
    def loops(self) -> list[list[str]]:
        """The queries of each event loop: all in one, or one loop for each query."""
        queries = self.parameters["queries"].split(",")
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
    per_file = -(-workload.events // len(workload.files))
    chunk = -(-per_file // max(1, workload.tasks // len(workload.files)))
    fileset = {"data": {"treename": workload.tree, "files": workload.files}}
    mark("trigger")
    counts, histograms, read = [], {}, 0
    for queries in workload.loops:
        # The branches of no interest are not interpreted: on files with hundreds of them that is 15 % of the CPU.
        columns = {"filter_name": suite.columns_of(queries)}
        # An empty metadata cache: opening the files belongs to T in every trial, as it does for RDataFrame.
        runner: Any = processor.Runner(
            executor=executor, schema=suite.SCHEMA, chunksize=chunk, savemetrics=True, metadata_cache={}
        )
        with contextlib.redirect_stdout(io.StringIO()):
            chunks = list(runner.preprocess(fileset))
            mark("graph")
            output, metrics = runner(chunks, processor_instance=suite.coffea(queries), iteritems_options=columns)
        counts.append(int(output["events"]))
        histograms.update(output["histograms"])
        read += int(metrics["bytesread"])
    mark("result")
    return Answer(_only(counts), [suite.to_histogram(name, h).to_json() for name, h in histograms.items()], read)


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
