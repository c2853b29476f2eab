"""Event loops of RDataFrame that fill histograms: distributed on Dask, or in this process."""

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hepbench.analysis import Answer, Kind, Mark, Workload
from hepbench.backends.rdataframe_warm import as_a_worker
from hepbench.histograms import Definition, Histogram


class Loop(Protocol):
    """What one event loop fills."""

    def declare(self) -> None:
        """Makes its C++ known to this process: compiles at the first call, does nothing afterwards."""
        ...

    def book(self, df: Any) -> dict[str, Any]:
        """Books the histograms on a local or distributed RDataFrame; the result pointers by histogram name."""
        ...


@dataclass(frozen=True)
class RDataFrameLoops:
    """An `Analysis` of loops that read `read`; `definition` says what a histogram must be like."""

    each: Sequence[Loop]
    read: Sequence[str]
    definition: Callable[[str], Definition]

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The names are DistRDF's."""
        return {"dask_mapper": "process", "distrdf_reducer": "merge"}

    @property
    def loops(self) -> int:
        """See Analysis."""
        return len(self.each)

    def columns(self) -> Sequence[str]:
        """See Analysis."""
        return self.read

    def prepare(self, workload: Workload, client: Any) -> None:
        """Declares the C++ here; workers do it when they are first asked for."""
        import ROOT

        _declare(self.each)
        if client is not None:
            ROOT.RDF.Distributed.initialize(_declare, self.each)
        elif workload.threads > 1:
            ROOT.EnableImplicitMT(workload.threads)

    def run(self, workload: Workload, client: Any, mark: Mark) -> tuple[list[int], dict[str, Any]]:
        """The events that each loop counted, and ROOT's histograms by name."""
        import ROOT

        counts, results = [], {}
        for loop in self.each:
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
        return counts, results

    def answer(self, result: tuple[list[int], dict[str, Any]]) -> Answer:
        """See Analysis."""
        counts, results = result
        return Answer(only(counts), [Histogram.from_root(self.definition(n), h).to_json() for n, h in results.items()])

    def warm(self, tree: str, file: str) -> None:
        """Compiles what a worker of distributed RDataFrame compiles when it runs these loops on `file`."""
        import ROOT

        ROOT.gROOT.SetBatch(True)
        ROOT.RDataFrame(10).Define("hb_x", "rdfentry_*2.").Filter("hb_x>3").Count().GetValue()
        _declare(self.each)
        for loop in self.each if file else ():
            as_a_worker(loop.book, tree, file)


def _declare(loops: Sequence[Loop]) -> None:
    for loop in loops:
        loop.declare()


def only(counts: Sequence[int]) -> int:
    """The number of events that all loops of a trial counted."""
    if len(set(counts)) != 1:
        raise RuntimeError(f"the loops of one trial counted different numbers of events: {list(counts)}")
    return counts[0]
