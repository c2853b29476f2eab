"""Plain Dask tasks, merged pairwise as distributed RDataFrame does; without Dask the same as a loop."""

import itertools
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from hepbench.analysis import Kind, Mark


def kinds_of(name: str) -> dict[str, Kind]:
    """The kinds of the tasks that `run_tasks` makes."""
    return {name: "process", f"{name}_merge": "merge"}


def run_tasks(
    client: Any, name: str, calls: Sequence[tuple[Any, ...]], join: Callable[[Any, Any], Any], mark: Mark
) -> Any:
    """Does all `calls`, each (function, *arguments) and one task, and joins their results to one."""
    if client is None:
        mark("graph")
        return _joined([function(*arguments) for function, *arguments in calls], join)
    from dask.delayed import Delayed

    run, merges = uuid.uuid4().hex, itertools.count()
    graph = {f"{name}-{run}-{number}": call for number, call in enumerate(calls)}

    def add(one: str, two: str) -> str:
        key = f"{name}_merge-{run}-{next(merges)}"
        graph[key] = (join, one, two)
        return key

    root = _joined(list(graph), add)
    future = client.compute(Delayed(root, graph), optimize_graph=False, retries=0)
    mark("graph")
    return future.result()


def _joined(items: list[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Joins neighbours until one is left."""
    while len(items) > 1:
        pairs = [items[i : i + 2] for i in range(0, len(items), 2)]
        items = [join(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return items[0]
