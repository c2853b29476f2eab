"""The agent in a Dask worker."""

from __future__ import annotations

import inspect
import os
import threading
import time
from collections import deque
from typing import Any

from distributed import WorkerPlugin

from hepbench.agent.hooks import hook, unhook
from hepbench.agent.meter import TaskMeter
from hepbench.agent.sampler import Sampler
from hepbench.agent.sources.source import Values
from hepbench.agent.state import Process, current, replace, wall_ahead

NAME = "hepbench-agent"
TOPIC = "hepbench"
VERSION = 1
_RECEIVED = ["self", "start", "stop", "data", "cause", "worker"]
_RUN_TASK = ["task", "data", "execution_state", "key", "active_threads", "active_threads_lock", "time_delay"]


def hook_tasks(process: Process) -> None:
    """Wraps `distributed.worker._run_task`, which runs a task in the task's own thread."""
    import distributed.worker as module

    if "tasks" in process.hooked:  # by another worker of this process
        return
    original: Any = getattr(module, "_run_task", None)
    if original is None or list(inspect.signature(original).parameters) != _RUN_TASK:
        process.unavailable["meter"] = "distributed.worker._run_task does not exist or has another signature"
        return

    def run_task(task: Any, data: Any, execution_state: Any, key: Any, *rest: Any) -> Any:
        # The state names the worker, as several may share a process.
        agent = execution_state["worker"].plugins.get(NAME)
        if agent is None:
            return original(task, data, execution_state, key, *rest)
        meter = agent.start_meter()
        try:
            return original(task, data, execution_state, key, *rest)
        finally:
            agent.stop_meter(key, meter, rest[-1])

    replace(process, module, "_run_task", run_task)
    process.hooked.add("tasks")


def hook_transfers(process: Process) -> None:
    """Wraps `Worker._update_metrics_received_data`, which dates what the worker has received.

    It notes by what Dask corrects these dates: by something else than those of the task that waits for them, where a
    heartbeat came in between.
    """
    from distributed import Worker

    if "transfers" in process.hooked:  # by another worker of this process
        return
    original: Any = getattr(Worker, "_update_metrics_received_data", None)
    if original is None or list(inspect.signature(original).parameters) != _RECEIVED:
        process.unavailable["transfers"] = "distributed.Worker._update_metrics_received_data is not as expected"
        return

    def received(self: Any, start: float, stop: float, data: Any, cause: Any, worker: str) -> None:
        agent = self.plugins.get(NAME)
        if agent is not None:
            agent.add_transfer(cause.key, self.scheduler_delay)
        original(self, start, stop, data, cause, worker)

    replace(process, Worker, "_update_metrics_received_data", received)
    process.hooked.add("transfers")


class Agent(WorkerPlugin):
    """Samples its worker every `interval` seconds, meters its tasks, logs both as Dask events of topic `hepbench`.

    Without `reporting` tasks are counted and what they read is counted, but none is metered by itself.
    """

    name = NAME

    def __init__(
        self, interval: float = 1.0, *, sampling: bool = True, metering: bool = True, reporting: bool = True
    ) -> None:
        self.interval = interval
        self.sampling = sampling
        self.metering = metering
        self.reporting = reporting

    def setup(self, worker: Any) -> None:
        """Starts sampler and hooks."""
        self.worker = worker
        self._process = current()
        self._process.enter()
        self._lock = threading.Lock()
        self._seq = 0
        self._ended = 0
        self._transfer_delays: dict[str, list[float]] = {}
        self._events: list[dict[str, Any]] = []
        self._outbox: deque[dict[str, Any]] = deque()
        self._sampler = Sampler(self._add_sample, self.interval, store=worker.data)
        self._stopped = threading.Event()
        if self.metering:
            hook()
            hook_tasks(self._process)
            hook_transfers(self._process)
        if self.sampling:
            self._sampler.start()
        self._sender = threading.Thread(target=self._send_regularly, name=f"{NAME}-sender", daemon=True)
        self._sender.start()

    def teardown(self, worker: Any) -> None:
        """Sends what is left and restores every patched function."""
        self._stopped.set()
        self._sampler.stop()
        self._sender.join()
        if self.metering:
            unhook()
        self.flush()
        self._process.leave()

    def _send_regularly(self) -> None:
        while not self._stopped.wait(1.0):
            cpu = time.thread_time()
            self._send()
            self._process.add_agent_cpu(time.thread_time() - cpu)

    def _add(self, event: dict[str, Any]) -> None:
        with self._lock:
            self._seq += 1
            self._events.append({**event, "seq": self._seq})

    def _add_sample(self, t: float, values: Values) -> None:
        self._add({"type": "sample", "t": t, "values": {**values, "tasks_total": self._ended}})

    def add_transfer(self, key: Any, scheduler_delay: float) -> None:
        """Something was received for the task `key`; Dask adds `scheduler_delay` to when, as to the times of a task."""
        if self.reporting:
            self._transfer_delays.setdefault(str(key), []).append(scheduler_delay)

    def start_meter(self) -> TaskMeter | None:
        """Readings before a task; None where they fail, as an instrument must not fail the task."""
        if not self.reporting:
            return None
        meter = TaskMeter()
        try:
            meter.start()
        except Exception as error:
            self._process.unavailable["meter"] = repr(error)
            return None
        return meter

    def stop_meter(self, key: Any, meter: TaskMeter | None, scheduler_delay: float) -> None:
        """Readings after the task `key`; without them the task goes unmetered.

        `scheduler_delay` is what Dask adds to its own record of this task to bring it to the scheduler's clock. It is
        estimated anew at each heartbeat and wrong by up to a second while the worker is busy.
        """
        transfer_delays = self._transfer_delays.pop(str(key), [])
        with self._lock:
            self._ended += 1
        if meter is None:
            return
        try:
            fields = meter.stop()
        except Exception as error:
            self._process.unavailable["meter"] = repr(error)
            return
        times = {"t": meter.stopped_at, "start": meter.started_at, "stop": meter.stopped_at}
        # Dask dates a task by the wall clock.
        ahead = {"start_ahead": meter.wall_ahead_at_start, "stop_ahead": meter.wall_ahead_at_stop}
        dask = {"scheduler_delay": scheduler_delay, "transfer_delays": transfer_delays, **ahead}
        self._add({"type": "meter", "key": str(key), **times, **dask, "meter": fields})

    def flush(self, *, pss: bool = True) -> int:
        """Takes a last sample, hands everything to Dask and returns the last sequence number, 0 if there was none."""
        if self.sampling:
            self._sampler.postpone_pss()
            self._sampler.sample(pss=pss)
        return self._send()

    def _send(self) -> int:
        with self._lock:
            events, self._events, last = self._events, [], self._seq
            if events:
                self._outbox.append(self._message(events))
        if threading.get_ident() == self.worker.thread_id:
            self._drain()
        else:
            self.worker.loop.add_callback(self._drain)
        return last

    def _message(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "version": VERSION,
            "name": str(self.worker.name),  # Dask puts the address into "worker" itself
            "address": self.worker.address,
            "pid": os.getpid(),
            "wall_ahead": wall_ahead(),
            "interval": self.interval,
            "unavailable": self._sampler.unavailable | self._process.unavailable,
            "seq": events[0]["seq"],
            "events": events,
        }

    def _drain(self) -> None:
        cpu = time.thread_time()
        while self._outbox:
            self.worker.log_event(TOPIC, self._outbox.popleft())
        self._process.add_agent_cpu(time.thread_time() - cpu)


def flush_worker(dask_worker: Any, *, pss: bool = True) -> int | None:
    """For `client.run`: flushes the agent of that worker; its last sequence number, or None where there is no agent.

    Without `pss` when a measurement is about to begin: its cost would be counted into it.
    """
    agent = dask_worker.plugins.get(NAME)
    return None if agent is None else agent.flush(pss=pss)
