"""One trial from the client's side: prepares, runs, and writes down all that was seen."""

import errno
import os
import re
import resource
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

from hepbench import agent
from hepbench.analysis import Answer, Workload
from hepbench.datasets.errors import DataError
from hepbench.driver import clock, pagecache, pressure, probe, tasks
from hepbench.driver.connection import Cluster
from hepbench.driver.execute import analysis_of, execute
from hepbench.driver.serial import NAME as SERIAL
from hepbench.driver.serial import run_serial
from hepbench.driver.spool import Spool

HYGIENE_SECONDS = 20.0
# A worker that came or went: when, on the scheduler's wall clock, and Dask's event.
Coming = tuple[float, dict[str, Any]]
# The cause of an error may be a C++ exception that a worker sent as a pickle and whose C++ type is not known here:
# printing or destroying it would crash this process.
_kept: list[Exception] = []


def brief(message: str, length: int = 600) -> str:
    """An error's text without PyROOT's list of the overloads that it tried: the C++ errors in it say what happened."""
    if "overloaded method" in message or "C++ exception" in message or "resolution failed" in message:
        errors = re.findall(r"^.*?\b(\w+_(?:error|argument|range): [^\n]*\S[^\n]*)$", message, re.MULTILINE)
        message = "; ".join(dict.fromkeys(errors)) or message
    return message if len(message) <= length else f"{message[:length]} ..."


def _comings(cluster: Cluster) -> list[Coming]:
    """From the scheduler's own log of events."""
    return [
        (when, event)
        for when, event in cluster.client.get_events("all")
        if isinstance(event, dict) and event.get("action") in ("add-worker", "remove-worker")
    ]


class Trial:
    """Runs one workload and writes its events into a spool."""

    def __init__(self, workload: dict[str, Any], spool: Spool, cluster: Cluster | None, watch: dict[str, Any]) -> None:
        self.workload = Workload(**{f.name: workload[f.name] for f in fields(Workload)})
        self.spool, self.cluster = spool, cluster
        self._watch = watch if workload.get("watch", True) else {**watch, "sampling": False, "hook": False}
        self._names: dict[str, str] = {}
        self._offsets: dict[str, clock.Offset] = {}
        self._steps = clock.Steps()
        # Of a sample, which comes in a thread of Dask's: an error there would be in the log only.
        self._refused: ValueError | None = None

    def run(self) -> None:
        """Never raises: a failure becomes a `failed` event, so that the journal says what happened."""
        try:
            self._run()
        except Exception as error:  # the border of the trial: whatever the workload raised belongs into the journal
            traceback.print_tb(error.__traceback__)
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            _kept.append(error)
            code, hint = type(error).__name__, "driver.log of the block says more"
            if isinstance(error, DataError):
                code, hint = error.code, error.hint
            elif isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
                files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
                hint = f"raise the limit of open files (ulimit -n), which is {files}, or use fewer workers"
            self.spool.add("failed", code=code, message=brief(str(error)), hint=hint)
        finally:
            self.spool.close()

    def _run(self) -> None:
        self._steps.look("driver", agent.wall_ahead())
        resident = pagecache.make(self.workload.page_cache, self.workload.files)
        if resident is not None:
            self.spool.add("environment", facts={"pageCacheResidentRatio": resident})
        if self.cluster is None:
            self._answer(self._serial())
        else:
            self._answer(self._distributed(self.cluster))
        self._steps.look("driver", agent.wall_ahead())
        if told := self._steps.told():
            self.spool.add("warning", code="CLOCK_STEPPED", message=told)
        self._probe(self.cluster)

    def _answer(self, answer: Answer) -> None:
        self.spool.add("answer", events=answer.events, histograms=answer.histograms, bytesRead=answer.bytes_read)

    def _mark(self, name: str) -> None:
        self.spool.add("mark", name=name)

    def _serial(self) -> Answer:
        return run_serial(self.workload, self.spool, self._mark, self._watch)

    def _distributed(self, cluster: Cluster) -> Answer:
        cluster.watch(self._watch)
        self._hygiene(cluster)
        self._steps.look("scheduler", cluster.client.run_on_scheduler(agent.wall_ahead))
        self.spool.offset_seconds, error = clock.measure_offset(cluster.client, self.spool.here)
        self.spool.add("clock", offsetSeconds=self.spool.offset_seconds, errorSeconds=error)
        pids = cluster.client.run(os.getpid)
        for address, worker in cluster.workers().items():
            self._worker("present", address, worker, pid=pids.get(address))
        self._offsets = clock.worker_offsets(cluster.client, cluster.host)
        for address, offset in self._offsets.items():
            name = self._name(address)
            self._steps.look(name, offset.wall_ahead)
            if offset != clock.SAME:
                self.spool.add("clock", worker=name, offsetSeconds=offset.seconds, errorSeconds=offset.error)
        # The last sample before the trigger: without it the counters of a short trial have no beginning.
        for batch in cluster.drain(pss=False):
            last = [event for event in batch["events"] if event["type"] == "sample"][-1:]
            self._samples({**batch, "events": last})
        cluster.take_lost()  # of the trial before, or of the time between the two
        index = cluster.client.run_on_scheduler(tasks.stream_index)
        before = _comings(cluster)
        # Samples go out while the computation runs; meters wait for the tasks that they belong to.
        with (
            pressure.Watch(cluster.client, self._stuck) as watch,
            cluster.handing(partial(self._samples, seen=watch.sample)),
        ):
            try:
                answer = execute(self.workload, cluster.client, self._mark)
            finally:
                self._changes(cluster, before)
                rows = cluster.client.run_on_scheduler(partial(tasks.stream_since, index))
                self._tasks(cluster, rows)
                for code, message in watch.troubles().items():
                    self.spool.add("warning", code=code, message=message)
        self._steps.look("scheduler", cluster.client.run_on_scheduler(agent.wall_ahead))
        if self._refused is not None:
            raise self._refused
        return answer

    def _probe(self, cluster: Cluster | None) -> None:
        """The answer is there and stays: a probe that fails is a disturbance of the cluster, and a taint."""
        try:
            if cluster is None:
                kernels, floor = {SERIAL: probe.kernel_seconds()}, None
            else:
                spent = cluster.client.run(probe.kernel_seconds)
                kernels = {self._name(address): seconds for address, seconds in spent.items()}
                floor = probe.floor_seconds(cluster.client, self.workload, analysis_of(self.workload).loops)
        except Exception as error:  # whatever the workers raised: it must not cost the trial its answer
            message = f"the probe after the trial failed: {type(error).__name__}: {brief(str(error))}"
            self.spool.add("warning", code="PROBE_FAILED", message=message)
            return
        self.spool.add("probe", kernelCpuSeconds=kernels, floorSeconds=floor)

    def _stuck(self, watch: pressure.Watch) -> None:
        """Ends the trial although the computation still waits, perhaps for ever; the session is given up after it."""
        troubles = watch.troubles()
        paused = troubles.pop("WORKERS_PAUSED")
        for code, message in troubles.items():
            self.spool.add("warning", code=code, message=message)
        self.spool.add(
            "failed",
            code="WORKERS_PAUSED",
            message=paused,
            hint="give a larger --memory-limit",
            residentBytes=watch.resident_bytes,
        )
        self.spool.close()

    def _hygiene(self, cluster: Cluster) -> None:
        """Waits until nothing of the trial before is left on scheduler and workers; what stays is a taint."""
        deadline = time.monotonic() + HYGIENE_SECONDS
        # One that was lost since the last trial is started again; if it comes too late, the fold says who was there.
        while len(cluster.workers()) < cluster.wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        while (left := cluster.client.run_on_scheduler(tasks.tasks_in_memory)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if left:
            self.spool.add(
                "warning", code="KEYS_LEFT", message=f"{left} tasks of an earlier trial were still on the scheduler"
            )
        while (held := sum(cluster.client.run(tasks.results_held).values())) and time.monotonic() < deadline:
            time.sleep(0.02)
        if held:
            self.spool.add(
                "warning", code="RESULTS_LEFT", message=f"{held} results of an earlier trial were still held by workers"
            )
        self._mark("hygiene")

    def _worker(self, action: str, address: str, worker: dict[str, Any], t: float | None = None, **facts: Any) -> None:
        name = str(worker.get("name", address))
        self._names[address] = name
        base = {
            "pid": None,
            "host": worker.get("host"),
            "threads": worker.get("nthreads"),
            "expected": None,
            "lostTasks": None,
        }
        self.spool.add("worker", t=t, action=action, worker=address, name=name, **{**base, **facts})

    def _name(self, address: str) -> str:
        return self._names.get(address, address)

    def _changes(self, cluster: Cluster, before: Sequence[Coming]) -> None:
        """Workers that came or went and are not among those of `before`."""
        known = cluster.workers()
        for when, event in _comings(cluster):
            # Not by its date: the wall clock may have been set back since the session began.
            if (when, event) in before:
                continue
            address = event["worker"]
            if event["action"] == "add-worker":
                self._worker("joined", address, known.get(address, {}), when)
                continue
            lost = len(event.get("processing-tasks", ())) + len(event.get("lost-computed-tasks", ()))
            worker = {"name": self._name(address)}
            self._worker("left", address, worker, when, expected=bool(event.get("expected")), lostTasks=lost)

    def _tasks(self, cluster: Cluster, rows: list[dict[str, Any]]) -> None:
        meters: dict[tuple[str, str], dict[str, Any]] = {}
        for batch in cluster.drain(pss=True):
            name = self._name(batch["address"])
            self._steps.look(name, batch["wall_ahead"])
            for event in batch["events"]:
                if event["type"] == "meter":
                    meters[(name, event["key"])] = event
        classify = partial(tasks.kind_of, kinds=analysis_of(self.workload).kinds)
        offsets = {address: offset.seconds for address, offset in self._offsets.items()}
        for event in tasks.to_events(rows, meters, self._names, offsets, classify):
            self.spool.add("task", **event)
        if lost := cluster.take_lost():
            self.spool.add("warning", code="AGENT_EVENTS_LOST", message=f"{lost} events of the agents did not arrive")

    def _samples(
        self, batch: dict[str, Any], seen: Callable[[str, dict[str, float]], None] = lambda _name, _values: None
    ) -> None:
        name = batch["name"]
        for event in batch["events"]:
            if event["type"] == "sample":
                t = event["t"] + self._offsets.get(batch["address"], clock.SAME).seconds
                source = f"agent/{name}"
                try:
                    self.spool.add("sample", source=source, t=t, collector="agent", target=name, values=event["values"])
                except ValueError as error:
                    self._refused = error
                    continue
                seen(name, event["values"])
