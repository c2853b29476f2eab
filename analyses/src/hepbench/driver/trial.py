"""One trial from the client's side: prepares, runs, and writes down all that was seen."""

import contextlib
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from typing import Any

from hepbench import agent
from hepbench.driver import clock, pagecache, tasks
from hepbench.driver.execute import Answer, Workload, execute
from hepbench.driver.serial import run_serial
from hepbench.driver.spool import Spool

HYGIENE_SECONDS = 20.0
# The cause of an error may be a C++ exception that came from a worker as a pickle, of a type that is no more.
# To print it or to destroy it crashes this process.
_kept: list[Exception] = []


class WorkersMissingError(Exception):
    """Fewer workers than asked for had joined when the time for it was over."""

    def __init__(self, joined: int) -> None:
        super().__init__(f"{joined} workers joined in time")
        self.joined = joined


class Cluster:
    """The client's connection with the agent installed; lives as long as the session."""

    def __init__(self, scheduler: str, workers: int, watch: dict[str, Any]) -> None:
        from distributed import Client

        # Of type Any: the methods of a synchronous client are annotated as if they might return coroutines.
        self.client: Any = Client(scheduler, timeout=30)
        self.host = clock.host_of(scheduler)
        try:
            self.client.wait_for_workers(workers, timeout=float(watch["joinSeconds"]))
        except TimeoutError as error:
            raise WorkersMissingError(len(self.workers())) from error
        self.watched = False
        self._inbox: list[dict[str, Any]] = []
        self._received: dict[str, int] = {}
        self._lock = threading.Lock()
        self._taker: Callable[[dict[str, Any]], None] | None = None
        self.lost = 0
        self.client.subscribe_topic(agent.TOPIC, self._receive)
        self.watch(watch)

    def watch(self, watch: dict[str, Any]) -> None:
        """Installs the agent in every worker or takes it away with all its hooks, unless that is so already."""
        wanted = bool(watch["sampling"] or watch["hook"])
        if wanted == self.watched:
            return
        self.watched = wanted
        if not wanted:
            self.client.unregister_worker_plugin(agent.NAME)
            return
        # What an earlier agent sent as it went is of no trial, and a new one counts from 1.
        self._inbox = []
        self._received.clear()
        self.client.register_plugin(agent.Agent(watch["interval"], sampling=watch["sampling"], metering=watch["hook"]))

    def _receive(self, event: Any) -> None:
        batch = event[1] if isinstance(event, tuple) else event
        before = self._received.get(batch["address"], 0)
        self.lost += batch["seq"] - before - 1
        self._received[batch["address"]] = batch["seq"] + len(batch["events"]) - 1
        with self._lock:
            if self._taker is not None:
                self._taker(batch)
            self._inbox.append(batch)

    @contextlib.contextmanager
    def handing(self, taker: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        """Gives every batch that `drain` has not given yet to `taker`, too, in the thread that receives it."""
        if not self.watched:  # what an earlier agent sent as it went is of no trial
            yield
            return
        with self._lock:
            for batch in self._inbox:
                taker(batch)
            self._taker = taker
        try:
            yield
        finally:
            self._taker = None

    def drain(self, *, pss: bool) -> list[dict[str, Any]]:
        """Flushes every worker's agent and returns the batches that have arrived since the last call."""
        if not self.watched:
            return []
        last = self.client.run(agent.flush_worker, pss=pss)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not self._arrived(last):
            time.sleep(0.005)
        with self._lock:
            batches, self._inbox = self._inbox, []
        return batches

    def _arrived(self, last: dict[str, int | None]) -> bool:
        return all(self._received.get(address, 0) >= (seq or 0) for address, seq in last.items())

    def workers(self) -> dict[str, dict[str, Any]]:
        """Workers known to the scheduler by address."""
        return self.client.scheduler_info(n_workers=-1)["workers"]


def brief(message: str, length: int = 600) -> str:
    """An error's text without PyROOT's list of the overloads that it tried: the C++ errors in it say what happened."""
    if "overloaded method" in message or "C++ exception" in message or "resolution failed" in message:
        errors = re.findall(r"^.*?\b(\w+_(?:error|argument|range): [^\n]*\S[^\n]*)$", message, re.MULTILINE)
        message = "; ".join(dict.fromkeys(errors)) or message
    return message if len(message) <= length else f"{message[:length]} ..."


class Trial:
    """Runs one workload and writes its events into a spool."""

    def __init__(self, workload: dict[str, Any], spool: Spool, cluster: Cluster | None, watch: dict[str, Any]) -> None:
        self.workload = Workload(**{f.name: workload[f.name] for f in fields(Workload)})
        self.spool, self.cluster = spool, cluster
        self._watch = watch if workload.get("watch", True) else {**watch, "sampling": False, "hook": False}
        self._names: dict[str, str] = {}
        self._offsets: dict[str, float] = {}

    def run(self) -> None:
        """Never raises: a failure becomes a `failed` event, so that the journal says what happened."""
        try:
            self._run()
        except Exception as error:  # the border of the trial: whatever the workload raised belongs into the journal
            traceback.print_tb(error.__traceback__)
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            _kept.append(error)
            code, message = type(error).__name__, brief(str(error))
            self.spool.add("failed", code=code, message=message, hint="driver.log of the block says more")
        finally:
            self.spool.close()

    def _run(self) -> None:
        resident = pagecache.make(self.workload.page_cache, self.workload.files)
        if resident is not None:
            self.spool.add("environment", facts={"pageCacheResidentRatio": resident})
        if self.cluster is None:
            self._answer(self._serial())
        else:
            self._answer(self._distributed(self.cluster))

    def _answer(self, answer: Answer) -> None:
        self.spool.add("answer", events=answer.events, histograms=answer.histograms, bytesRead=answer.bytes_read)

    def _mark(self, name: str) -> None:
        self.spool.add("mark", name=name)

    def _serial(self) -> Answer:
        return run_serial(self.workload, self.spool, self._mark, self._watch)

    def _distributed(self, cluster: Cluster) -> Answer:
        cluster.watch(self._watch)
        self._hygiene(cluster)
        self.spool.offset_seconds, error = clock.measure_offset(cluster.client)
        self.spool.add("clock", offsetSeconds=self.spool.offset_seconds, errorSeconds=error)
        pids = cluster.client.run(os.getpid)
        for address, worker in cluster.workers().items():
            self._worker("present", address, worker, pid=pids.get(address))
        self._offsets = clock.worker_offsets(cluster.client, cluster.host)
        # The last sample before the trigger: without it the counters of a short trial have no beginning.
        for batch in cluster.drain(pss=False):
            last = [event for event in batch["events"] if event["type"] == "sample"][-1:]
            self._samples({**batch, "events": last})
        index = cluster.client.run_on_scheduler(tasks.stream_index)
        began = self.spool.now()
        # Samples go out while the computation runs; meters wait for the tasks that they belong to.
        with cluster.handing(self._samples):
            try:
                return execute(self.workload, cluster.client, self._mark)
            finally:
                self._changes(cluster, began)
                rows = cluster.client.run_on_scheduler(partial(tasks.stream_since, index))
                self._tasks(cluster, rows)

    def _hygiene(self, cluster: Cluster) -> None:
        """Waits until nothing of the trial before is left on scheduler and workers; what stays is a taint."""
        deadline = time.monotonic() + HYGIENE_SECONDS
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

    def _changes(self, cluster: Cluster, began: float) -> None:
        """Workers that came or went since `began`, from the scheduler's own log of events."""
        known = cluster.workers()
        for when, event in cluster.client.get_events("all"):
            action = event.get("action") if isinstance(event, dict) else None
            if when < began or action not in ("add-worker", "remove-worker"):
                continue
            address = event["worker"]
            if action == "add-worker":
                self._worker("joined", address, known.get(address, {}), when)
                continue
            lost = len(event.get("processing-tasks", ())) + len(event.get("lost-computed-tasks", ()))
            worker = {"name": self._name(address)}
            self._worker("left", address, worker, when, expected=bool(event.get("expected")), lostTasks=lost)

    def _tasks(self, cluster: Cluster, rows: list[dict[str, Any]]) -> None:
        meters: dict[tuple[str, str], dict[str, Any]] = {}
        for batch in cluster.drain(pss=True):
            name = self._name(batch["address"])
            for event in batch["events"]:
                if event["type"] == "meter":
                    meters[(name, event["key"])] = event
        classify = partial(tasks.kind_of, backend=self.workload.backend, processor=self._processor())
        for event in tasks.to_events(rows, meters, self._names, self._offsets, classify):
            self.spool.add("task", **event)
        if cluster.lost:
            self.spool.add(
                "warning", code="AGENT_EVENTS_LOST", message=f"{cluster.lost} events of the agents did not arrive"
            )

    def _samples(self, batch: dict[str, Any]) -> None:
        name = batch["name"]
        for event in batch["events"]:
            if event["type"] == "sample":
                t = event["t"] + self._offsets.get(batch["address"], 0.0)
                source = f"agent/{name}"
                self.spool.add("sample", source=source, t=t, collector="agent", target=name, values=event["values"])

    def _processor(self) -> str:
        from hepbench import analyses

        return getattr(analyses.load(self.workload.suite), "PROCESSOR", "")
