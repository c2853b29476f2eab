"""`python -m hepbench.monitor`: watches a Dask cluster on which anything may run, until its standard input ends.

The first line of standard input is JSON: scheduler (address) and interval (seconds). The first line of standard output
holds our pid, the others are events (`hepbench/events.py`). At the end the agent leaves the workers.
"""

import asyncio
import json
import math
import os
import platform
import sys
import threading
import time
from importlib.metadata import version
from typing import Any

import cloudpickle
from distributed.core import rpc
from distributed.security import Security

from hepbench import agent, lease
from hepbench.driver import clock
from hepbench.events import Events

LOOK_SECONDS = 1.0
# How often it is asked whose the agents are, where the same workers are there.
OWN_SECONDS, SHARED_SECONDS = 60.0, 3.0
RETRY_SECONDS = 2.0
CONNECT_SECONDS = 10
END_SECONDS = 4.0
# All workers of a host see a step of its clock, with their next batch.
STEP_AGAIN_SECONDS = 30.0
# Batches of one worker that wait for its clock: more than come in the time that Dask takes to give up a worker.
HELD_BATCHES = 600


def _other_versions(scheduler: str) -> str | None:
    """What to do where the scheduler has another Python or Dask than we; None where it has the same."""

    async def ask() -> dict[str, Any]:
        arguments = Security().get_connection_args("client")
        there: Any = rpc(scheduler, timeout=CONNECT_SECONDS, connection_args=arguments)
        try:
            return (await there.versions())["packages"]
        finally:
            await there.close_rpc()

    packages = asyncio.run(ask())
    theirs = f"Python {'.'.join(packages['python'].split('.')[:2])} and distributed {packages['distributed']}"
    ours = f"Python {'.'.join(platform.python_version_tuple()[:2])} and distributed {version('distributed')}"
    if theirs == ours:
        return None
    return (
        f"the scheduler has {theirs}, the monitor {ours}: if they do not understand each other, "
        "name a Python with the versions of the cluster with --python"
    )


class Watch:
    """One connection to a scheduler with the agent in all its workers, those that come later included.

    It waits for the scheduler only, never for a worker.
    """

    def __init__(self, scheduler: str, interval: float, events: Events) -> None:
        from distributed import Client

        # The scheduler and workers of a facility do not have hepbench.
        cloudpickle.register_pickle_by_value(agent)
        cloudpickle.register_pickle_by_value(lease)

        self.client: Any = Client(scheduler, timeout=CONNECT_SECONDS, name=lease.MONITOR)
        self._events = events
        self._host = clock.host_of(scheduler)
        self._clocks = clock.Clocks(self.client, self._host, self._release)
        # Batches that wait for the clock of their worker, and those of their workers that the last look did not find.
        self._held: dict[str, list[dict[str, Any]]] = {}
        self._unknown: set[str] = set()
        # What the clocks of workers were set by, and when it was told of their hosts.
        self._wall_ahead: dict[str, float] = {}
        self._told: dict[str, float] = {}
        # Number of the last event that came of the agent of a worker.
        self._last: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._interval = interval
        self._due = -math.inf
        self._shared = False
        info = self.client.scheduler_info()
        port = info["services"].get("dashboard")
        page = f"http://{self._host}:{port}" if port else None
        facts = {"scheduler": scheduler, "schedulerId": info["id"], "schedulerHttp": page}
        events.add("environment", facts=facts)
        self.client.subscribe_topic(agent.TOPIC, self._receive)

    @property
    def lost(self) -> bool:
        """Whether the scheduler is gone."""
        return self.client.status != "running"

    def look(self) -> None:
        """Writes down which workers came and went since the last look, and sees to it that they have an agent."""
        # Cheap, and the scheduler keeps no record of it, as it does of every function that it is made to run.
        present = self.client.nthreads().keys()
        # The last batches of those that left may still be on their way.
        self.client.loop.add_callback(self._keep, present | self._names.keys())
        if present == self._names.keys() and time.monotonic() < self._due:
            return
        known, owner = self.client.run_on_scheduler(lease.look)
        self._due = time.monotonic() + (OWN_SECONDS if owner == self.client.id else SHARED_SECONDS)
        if known != self._names:
            self._write_changes(known)
        if owner is None:
            plugin = cloudpickle.dumps(agent.Agent(self._interval, metering=True, reporting=False))
            ours = lease.Lease(self.client.id, agent.NAME, plugin, agent.TOPIC)
            self.client.run_on_scheduler(lease.begin, cloudpickle.dumps(ours))
        elif owner != self.client.id and not self._shared:
            message = "another monitor has its agents in these workers: its samples are used, at its interval"
            self._events.add("warning", code="SHARED", message=message)
        self._shared = owner not in (None, self.client.id)

    def _write_changes(self, known: dict[str, str]) -> None:
        action = "joined" if self._names else "present"
        for address in known.keys() - self._names.keys():
            self._worker(action, address, known[address])
        for address in self._names.keys() - known.keys():
            self._worker("left", address, self._names[address])
        self._names = known

    def _worker(self, action: str, address: str, name: str) -> None:
        unknown = {"pid": None, "host": clock.host_of(address), "threads": None, "expected": None, "lostTasks": None}
        self._events.add("worker", action=action, worker=address, name=name, **unknown)

    def _keep(self, addresses: set[str]) -> None:
        self._clocks.keep(addresses)
        unknown = self._held.keys() - addresses
        # Missing in two looks: the first batch of a worker may come before the look that finds it.
        for address in unknown & self._unknown:
            self._leave_out(self._held.pop(address))
        self._unknown = unknown
        for address in self._wall_ahead.keys() - addresses:
            del self._wall_ahead[address]
            del self._last[address]

    def _receive(self, event: Any) -> None:
        """Samples are written when the clock that dates them is known: until then they wait."""
        batch = event[1] if isinstance(event, tuple) else event
        address = batch["address"]
        offset = self._clocks.offset(address)
        if offset is not None:
            self._write(batch, offset)
            return
        self._held.setdefault(address, []).append(batch)
        if len(self._held[address]) == HELD_BATCHES:
            self._leave_out(self._held.pop(address))

    def _release(self, address: str, offset: clock.Offset) -> None:
        worker = self._names.get(address, address)
        self._events.add("clock", worker=worker, offsetSeconds=offset.seconds, errorSeconds=offset.error)
        for batch in self._held.pop(address, ()):
            self._write(batch, offset)

    def _write(self, batch: dict[str, Any], offset: clock.Offset) -> None:
        name = batch["name"]
        wall_ahead = batch.get("wall_ahead", 0.0)  # an agent of an older monitor does not say
        self._notice_step(batch["address"], wall_ahead)
        self._notice_gap(batch)
        for one in _samples(batch):
            fields = {"collector": "agent", "target": name, "values": one["values"]}
            try:
                self._events.add("sample", f"agent/{name}", one["t"] + wall_ahead + offset.seconds, **fields)
            except ValueError as error:
                self._events.add("warning", code="SAMPLE_REFUSED", message=str(error))

    def _notice_gap(self, batch: dict[str, Any]) -> None:
        """Says how many events of an agent, which numbers them, have not come; a new agent begins with 1 again."""
        address, first = batch["address"], batch["seq"]
        lost = first - 1 - self._last.get(address, first - 1)
        self._last[address] = first - 1 + len(batch["events"])
        if lost > 0:
            message = f"{lost} events of the agent of worker {batch['name']} did not arrive"
            self._events.add("warning", code="AGENT_EVENTS_LOST", message=message)

    def _notice_step(self, address: str, wall_ahead: float) -> None:
        """Says once for each host that its clock was set; the samples after it follow the clock."""
        step = wall_ahead - self._wall_ahead.setdefault(address, wall_ahead)
        if abs(step) < agent.STEP_SECONDS:
            return
        self._wall_ahead[address] = wall_ahead
        host = clock.host_of(address)
        if self._told.get(host, -math.inf) < time.monotonic() - STEP_AGAIN_SECONDS:
            message = f"the clock of {host} was set by {step:+.3f} s: what is dated before and after is not comparable"
            self._events.add("warning", code="CLOCK_STEPPED", message=message)
        self._told[host] = time.monotonic()

    def _leave_out(self, batches: list[dict[str, Any]]) -> None:
        count = sum(len(_samples(batch)) for batch in batches)
        message = f"{count} samples of worker {batches[0]['name']} are left out: its clock could not be read"
        self._events.add("warning", code="SAMPLES_LEFT_OUT", message=message)

    def close(self) -> None:
        """Takes our agent out of the workers, if the scheduler is still there."""
        if not self.lost:
            self.client.run_on_scheduler(lease.end, self.client.id, agent.TOPIC)
        self.client.close(timeout=1)
        for batches in self._held.values():
            self._leave_out(batches)


def _samples(batch: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in batch["events"] if one["type"] == "sample"]


def problem_of(error: Exception) -> str:
    """Why a scheduler is not reached, in one line; without certificates Dask speaks of its own arguments."""
    if isinstance(error, TypeError) and "ssl_context" in str(error):
        names = ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")
        variables = ", ".join(f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in names)
        return f"the cluster speaks TLS and this monitor has no certificates: {variables} name their files"
    return f"{type(error).__name__}: {error}"


def _watch(settings: dict[str, Any], events: Events, stop: threading.Event) -> None:
    watch = None
    said = ""
    told: set[str] = set()
    while not stop.is_set():
        try:
            others = _other_versions(settings["scheduler"])
            if others is not None and others not in told:
                told.add(others)
                events.add("warning", code="OTHER_VERSIONS", message=others)
            watch = Watch(settings["scheduler"], settings["interval"], events)
            said = ""
            watch.look()
            while not stop.wait(LOOK_SECONDS) and not watch.lost:
                watch.look()
            if not stop.is_set():
                events.add("warning", code="SCHEDULER_LOST", message="the scheduler is gone")
        except Exception as error:  # Dask raises OSError, TimeoutError and its own: all of them mean to try again
            problem = problem_of(error)
            if watch is not None and isinstance(error, OSError):  # it went in the middle of a look
                events.add("warning", code="SCHEDULER_LOST", message="the scheduler is gone")
            elif problem != said:
                said = problem
                events.add("warning", code="SCHEDULER_UNREACHABLE", message=problem)
        if watch is not None:
            _close(watch)
            watch = None
        stop.wait(RETRY_SECONDS)


def _close(watch: Watch) -> None:
    try:
        watch.close()
    except Exception as error:  # the cluster went while we left: there is nothing to take the agent out of
        print(f"hepbench.monitor: leaving the cluster: {error!r}", file=sys.stderr)


def main() -> None:
    """Ends within `END_SECONDS` of its standard input, also when the parent was killed."""
    settings = json.loads(sys.stdin.readline())
    # Libraries print to standard output: to the log with that.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    output.write(f"{json.dumps({'pid': os.getpid()})}\n")
    events = Events("monitor", time.time, lambda line: output.write(f"{line}\n"))
    stop = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        stop.set()
        time.sleep(END_SECONDS)
        os._exit(1)

    threading.Thread(target=wait_for_end, daemon=True).start()
    _watch(settings, events, stop)
    events.done()
    os._exit(0)  # Dask's threads may still be closing


if __name__ == "__main__":
    main()
