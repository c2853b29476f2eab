"""Suite `adl`: the eight IRIS-HEP queries, as defined in suites/adl/README.md, with RDataFrame and coffea."""

from collections.abc import Iterable
from typing import Any

from hepbench.analyses.adl_definition import (
    COLUMNS,
    HISTOGRAMS,
    QUERIES,
    checked,
    columns_of,
    definition,
    histograms_of,
    to_histogram,
)

__all__ = ["COLUMNS", "HISTOGRAMS", "QUERIES", "columns_of", "definition", "histograms_of", "to_histogram"]

PROCESSOR = "Processor"  # prefix of the Dask keys of coffea's event-processing tasks: the class's name


def rdataframe(queries: Iterable[str], edit: int = 0) -> Any:
    """The RDataFrame form of `queries`: an object with `declare()` and `book(df)`.

    With another `edit` the code that ROOT compiles is another one, the answer is the same.
    """
    from hepbench.analyses.adl_rdataframe import Loop

    return Loop(checked(queries), edit)


def coffea(queries: Iterable[str]) -> Any:
    """The coffea form of `queries`: a processor for the eager Runner with schema SCHEMA."""
    from hepbench.analyses.adl_coffea import Processor

    return Processor(checked(queries))


def __getattr__(name: str) -> Any:
    """SCHEMA, the schema that the processor reads, is looked up late: coffea takes two seconds to import."""
    if name == "SCHEMA":
        from hepbench.analyses.adl_coffea import SCHEMA

        return SCHEMA
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
