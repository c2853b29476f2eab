"""The client's side of a cluster: its workers, and what their agents send."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from hepbench import agent, carried
from hepbench.driver import clock

if TYPE_CHECKING:
    from distributed import Security

# Of a worker that has come up, as the scheduler calls it.
JOINED = ("running", "paused")


class WorkersMissingError(Exception):
    """Fewer workers than asked for had joined when the time for it was over."""

    def __init__(self, joined: int) -> None:
        super().__init__(f"{joined} workers joined in time")
        self.joined = joined


class Cluster:
    """The client's connection with the agent installed; lives as long as the session."""

    def __init__(self, scheduler: str, workers: int, watch: dict[str, Any], security: "Security | None" = None) -> None:
        from distributed import Client

        # Of type Any: the methods of a synchronous client are annotated as if they might return coroutines.
        self.client: Any = Client(scheduler, timeout=30, security=security)
        self.host = clock.host_of(scheduler)
        self.wanted = workers
        # First of all: what is asked of scheduler and workers from now on is imported there.
        carried.carry(self.client)
        self._wait_for_workers(float(watch["joinSeconds"]))
        self.watched = False
        self._inbox: list[dict[str, Any]] = []
        self._received: dict[str, int] = {}
        self._lock = threading.Lock()
        self._taker: Callable[[dict[str, Any]], None] | None = None
        self._lost = 0
        self.client.subscribe_topic(agent.TOPIC, self._receive)
        self.watch(watch)

    def _wait_for_workers(self, seconds: float) -> None:
        # Dask's own way waits for those that take tasks. One that is paused has joined all the same: its trial says so.
        deadline = time.monotonic() + seconds
        while (joined := sum(worker["status"] in JOINED for worker in self.workers().values())) < self.wanted:
            if time.monotonic() > deadline:
                raise WorkersMissingError(joined)
            time.sleep(0.1)

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
        with self._lock:
            address, before = batch["address"], batch["seq"] - 1
            self._expect(address, before)
            # One that was given up may come all the same.
            self._received[address] = max(before + len(batch["events"]), self._received[address])
            if self._taker is not None:
                self._taker(batch)
            self._inbox.append(batch)

    def _expect(self, address: str, last: int) -> None:
        """Counts what has not come of the events up to `last`."""
        before = self._received.get(address, 0)
        self._lost += max(0, last - before)
        self._received[address] = max(last, before)

    def take_lost(self) -> int:
        """Events of agents that did not arrive, since the last call."""
        with self._lock:
            lost, self._lost = self._lost, 0
        return lost

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
            for address, seq in last.items():
                self._expect(address, seq or 0)
            batches, self._inbox = self._inbox, []
        return batches

    def _arrived(self, last: dict[str, int | None]) -> bool:
        return all(self._received.get(address, 0) >= (seq or 0) for address, seq in last.items())

    def workers(self) -> dict[str, dict[str, Any]]:
        """Workers known to the scheduler by address, asked for now.

        Dask's `scheduler_info` gives what the client keeps, which its own regular question, for no workers, may have
        replaced since the answer came.
        """
        return self.client.sync(self.client.scheduler.identity, n_workers=-1)["workers"]
