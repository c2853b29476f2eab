"""Compiling in a fork server, before it forks, what each of its workers would compile in its first task."""

import contextlib
import gc
import itertools
import os
import pickle
from collections.abc import Callable
from typing import Any, NoReturn

import cloudpickle

# The first task of a worker builds the graph, later ones copy it, and the reduction takes two results.
TASKS = 3


class _EnoughError(Exception):
    """Ends an execution that was made for what it compiles: its result is that of a few tasks."""


def as_a_worker(book: Callable[[Any], dict[str, Any]], tree: str, file: str) -> None:
    """Runs what `book` books on some of the events of `file` in the way of a worker of distributed RDataFrame.

    Children find in memory what they would have to compile.
    """
    import ROOT
    from ROOT._distrdf import _graph_cache
    from ROOT._distrdf.Backends.Dask.Backend import DaskBackend

    class Here(DaskBackend):
        """Executes tasks in this process, and hands over code and results as Dask would."""

        def __init__(self) -> None:
            """Without a client."""

        def optimize_npartitions(self) -> int:
            return TASKS

        def cleanup_cache(self, exec_id: Any) -> None:
            _graph_cache._ACTIONS_REGISTER.clear()
            _graph_cache._RDF_REGISTER.clear()

        def ProcessAndMerge(
            self, ranges: list[Any], mapper: Callable[..., Any], reducer: Callable[..., Any]
        ) -> NoReturn:
            task = _handed_over(mapper)
            results = (_handed_over(task(part)) for part in itertools.cycle(ranges))
            # A range in which no cluster begins has no events.
            some = itertools.islice((result for result in results if result.mergeables is not None), TASKS)
            for _ in itertools.accumulate(some, reducer):
                pass
            raise _EnoughError

    clusters, _ = ROOT.Internal.TreeUtils.GetClustersAndEntries(tree, file)
    df = Here().make_dataframe(tree, [file], npartitions=max(TASKS, len(clusters)))
    booked = [df.Count(), *book(df).values()]
    with contextlib.suppress(_EnoughError):
        booked[0].GetValue()
    del df, booked
    gc.collect()
    _let_go_of(file)


def _let_go_of(file: str) -> None:
    """Empties what is left of `file`: jitted nodes of a graph that was never run here keep it open, out of reach.

    Workers that inherit it would share its position. Whoever used it in spite of that finds nothing there.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            if os.path.samefile(f"/proc/self/fd/{number}", file):
                os.dup2(nothing, int(number), inheritable=False)
    os.close(nothing)


def _handed_over(what: Any) -> Any:
    return pickle.loads(cloudpickle.dumps(what))
