"""Tasks as the scheduler saw them, with what the agent metered inside them."""

from collections.abc import Callable, Mapping
from typing import Any

from hepbench.analysis import Kind


def kind_of(key: str, kinds: Mapping[str, Kind]) -> str:
    """`process` reads events, `merge` reduces results, `other` is anything else such as reading file metadata."""
    return kinds.get(key.strip("('").split("-", 1)[0], "other")


def stream_index(dask_scheduler: Any) -> int:
    """Position in the scheduler's task stream; to be run on the scheduler, installs the stream if need be."""
    from distributed.diagnostics.task_stream import TaskStreamPlugin

    if TaskStreamPlugin.name not in dask_scheduler.plugins:
        dask_scheduler.add_plugin(TaskStreamPlugin(dask_scheduler))
    return dask_scheduler.plugins[TaskStreamPlugin.name].index


def stream_since(index: int, dask_scheduler: Any) -> list[dict[str, Any]]:
    """All tasks that ended since `index`, erred ones too; to be run on the scheduler."""
    from distributed.diagnostics.task_stream import TaskStreamPlugin

    plugin = dask_scheduler.plugins[TaskStreamPlugin.name]
    new = plugin.index - index
    fields = ("key", "worker", "status", "startstops")
    return [{f: row[f] for f in fields} for row in list(plugin.buffer)[-new:]] if new else []


def tasks_in_memory(dask_scheduler: Any) -> int:
    """Tasks that the scheduler still knows; to be run on the scheduler."""
    return len(dask_scheduler.tasks)


def results_held(dask_worker: Any) -> int:
    """Results that a worker still holds, in memory or spilled, when the garbage has been collected; to be run on it."""
    import gc

    gc.collect()
    return len(dask_worker.data)


def to_events(
    rows: list[dict[str, Any]],
    meters: dict[tuple[str, str], dict[str, Any]],
    names: dict[str, str],
    offsets: dict[str, float],
    classify: Callable[[str], str],
) -> list[dict[str, Any]]:
    """Fields of the journal's `task` events; a task without a meter keeps `meter` null.

    Dask's own correction of a worker's clock is off by up to a second while the worker is busy, so it is taken back, as
    is what the clock was set by, and replaced by `offsets` (seconds to add to the `agent.now` of that worker).
    """
    events = []
    for row in rows:
        key, address = str(row["key"]), str(row["worker"])
        worker = names.get(address, address)
        spans = row["startstops"] or ()
        compute = [s for s in spans if s["action"] == "compute"]
        if not compute:
            continue  # released before it ran
        metered = meters.pop((worker, key), None)
        transfers = [s for s in spans if s["action"] == "transfer"]
        at_start, at_stop, at_transfers = 0.0, 0.0, [0.0] * len(transfers)
        if metered:
            offset, delay = offsets.get(address, 0.0), metered["scheduler_delay"]
            at_start, at_stop = (offset - delay - metered[at] for at in ("start_ahead", "stop_ahead"))
            noted = metered["transfer_delays"]
            # What the agent did not note was corrected as the task was.
            delays = [*[delay] * len(transfers), *noted][len(noted) :]
            at_transfers = [offset - own - metered["start_ahead"] for own in delays]
        events.append(
            {
                "key": key,
                "kind": classify(key),
                "worker": worker,
                "status": "error" if row["status"] == "error" else "ok",
                "start": min(s["start"] for s in compute) + at_start,
                "stop": max(s["stop"] for s in compute) + at_stop,
                "transfers": [
                    {"start": s["start"] + at, "stop": s["stop"] + at, "bytes": None}
                    for s, at in zip(transfers, at_transfers, strict=True)
                ],
                "meter": metered and metered["meter"],
            }
        )
    return events
