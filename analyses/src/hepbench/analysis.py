"""The contract between the driver and the analyses: what a suite does inside Dask (docs/adding-a-suite.md).

The module `hepbench.analyses.<suite>` has a function `analysis(backend, parameters, columns, edit)` that gives an
`Analysis`. The driver and the fork server call nothing else of it: they know neither ROOT nor coffea, nor what the
parameters mean.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Mark = Callable[[str], None]
# Of a Dask task: `process` reads events (or does the work of a suite without data), `merge` adds results up.
Kind = Literal["process", "merge"]


@dataclass
class Answer:
    """Events counted in the same loop that filled the histograms, and the framework's own count of compressed bytes."""

    events: int
    histograms: list[dict[str, Any]] = field(default_factory=list)
    bytes_read: int | None = None


@dataclass(frozen=True)
class Workload:
    """What the runner asks for.

    `columns` are those of the tree that the plan says are read. `tasks` is the number of event-processing tasks for
    each loop, `parts` what each of them reads: index of the file, first event, event after the last. Distributed
    RDataFrame finds the same parts by itself.
    """

    trial: str
    suite: str
    backend: str
    parameters: dict[str, str]
    files: list[str]
    tree: str
    columns: list[str]
    events: int
    tasks: int
    parts: list[tuple[int, int, int]]
    threads: int
    edit: int
    page_cache: str


class Analysis(Protocol):
    """One suite with one backend and one set of parameters.

    The driver makes one for each trial and calls `prepare`, `run` and `answer` once each, in this order; the time from
    the beginning of `run` to its end is T. A fork server makes one with no parameters and calls `warm`.
    """

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kind of its Dask tasks by what stands before the first `-` of their keys; all others are `other`."""
        ...

    @property
    def loops(self) -> int:
        """Event loops of one trial: each reads every event once, with as many tasks as the workload has."""
        ...

    def columns(self) -> Sequence[str]:
        """The columns of the tree that it reads, counters included, each once; suite.ts must say the same."""
        ...

    def prepare(self, workload: Workload, client: Any) -> None:
        """What must be there before the clock starts: imports, code compiled here and declared to the workers.

        Nothing is read. `client` is Dask's, or None where this process does all the work itself (runner `serial`).
        """
        ...

    def run(self, workload: Workload, client: Any, mark: Mark) -> Any:
        """Computes, and comes back with the merged result. `mark("graph")` when a loop has been handed to Dask.

        Nothing may stay on the workers. An AnalysisError where a file has not what it needs.
        """
        ...

    def answer(self, result: Any) -> Answer:
        """What `run` gave in the form that suite.ts compares with the truth."""
        ...

    def warm(self, tree: str, file: str) -> None:
        """In a fork server, before it forks: whatever all workers would import and compile.

        `file` may be read, and is empty where there is none. Afterwards the process has one thread, and no data open.
        """
        ...
