"""Suite `adl`: the eight IRIS-HEP queries, as defined in suites/adl/README.md, with RDataFrame and coffea."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hepbench.analyses import no_backend
from hepbench.analyses.adl.definition import (
    COLUMNS,
    HISTOGRAMS,
    QUERIES,
    checked,
    columns_of,
    definition,
    histograms_of,
    to_histogram,
)
from hepbench.analysis import Analysis
from hepbench.backends.coffea import CoffeaLoops
from hepbench.backends.rdataframe import RDataFrameLoops

__all__ = ["COLUMNS", "HISTOGRAMS", "QUERIES", "columns_of", "definition", "histograms_of", "to_histogram"]


def analysis(backend: str, parameters: Mapping[str, str], columns: Sequence[str] = (), edit: int = 0) -> Analysis:
    """The queries in one event loop, or in one for each of them."""
    queries = checked(parameters.get("queries", ",".join(QUERIES)).split(","))
    loops = [queries] if parameters.get("loops", "one") == "one" else [(query,) for query in queries]
    if backend == "rdataframe":
        return RDataFrameLoops([rdataframe(loop, edit) for loop in loops], columns_of(queries), definition)
    if backend == "coffea":
        from coffea.nanoevents import BaseSchema

        return CoffeaLoops([(coffea(loop), columns_of(loop)) for loop in loops], BaseSchema, to_histogram)
    raise no_backend("adl", backend)


def rdataframe(queries: Iterable[str], edit: int = 0) -> Any:
    """The RDataFrame form of `queries`: one loop of RDataFrameLoops.

    With another `edit` the code that ROOT compiles is another one, the answer is the same.
    """
    from hepbench.analyses.adl.loop import Loop

    return Loop(checked(queries), edit)


def coffea(queries: Iterable[str]) -> Any:
    """The coffea form of `queries`: a processor for the eager Runner with BaseSchema."""
    from hepbench.analyses.adl.processor import Processor

    return Processor(checked(queries))
