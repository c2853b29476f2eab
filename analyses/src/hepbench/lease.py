"""A monitor's plugin of the scheduler: brings the agent to the workers and takes it out, though some do not answer.

It is shipped by value to schedulers that lack hepbench, so it imports only the standard library and Dask.
"""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

from distributed import SchedulerPlugin

NAME = "hepbench-lease"
# In the names of the monitors' clients.
MONITOR = "hepbench-monitor"
RETRY_SECONDS = 5.0
# What waits for the workers at the end of a monitor: a frozen one is left to the scheduler.
ANSWER_SECONDS = 2.0
LINGER_SECONDS = 2.0


class Lease(SchedulerPlugin):
    """The agents of one monitor. They end with it, also when its machine died without a word.

    Each worker has a task of its own on the scheduler, so that one that is frozen holds up neither the others nor the
    monitor, and gets what it missed as soon as it goes on.
    """

    name = NAME

    def __init__(self, client: str, agent_name: str, agent: bytes, topic: str) -> None:
        self.client = client
        self.agent_name = agent_name
        self.agent = agent
        self.topic = topic
        self.visits: dict[str, asyncio.Task[None]] = {}

    def begin(self, scheduler: Any) -> None:
        """Does nothing where the agents are another monitor's, or the monitor has gone meanwhile."""
        if NAME in scheduler.plugins or self.client not in scheduler.clients:
            return
        self._over = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None
        self._broker: Any = getattr(scheduler, "_broker", None)
        leaving = [plugin for name, plugin in scheduler.plugins.items() if name.startswith(f"{NAME}-")]
        scheduler.add_plugin(self, name=NAME)
        scheduler.worker_plugins[self.agent_name] = self.agent
        for address in scheduler.workers:
            before = [plugin.visits[address] for plugin in leaving if address in plugin.visits]
            self.visits[address] = asyncio.ensure_future(self._visit(scheduler, address, before))

    def add_worker(self, scheduler: Any, worker: str) -> None:
        """Dask itself gives the agent to a worker that joins."""
        if not self._over.is_set():
            self.visits[worker] = asyncio.ensure_future(self._visit(scheduler, worker, None))

    def remove_worker(self, scheduler: Any, worker: str, **_more: Any) -> None:
        """What is on its way to a worker ends with it."""
        visit = self.visits.pop(worker, None)
        if visit is not None:
            visit.cancel()
        self._forget(scheduler)

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Dask notices at once that a process ended, and after its TCP timeout (30 s) that nothing answers any more."""
        if client == self.client:
            self.end(scheduler)
        if MONITOR in client:
            unsubscribe(scheduler, client, self.topic)

    def log_event(self, topic: str, msg: Any) -> None:
        """Dask keeps the last 100,000 events of a topic: of the agents', which have been sent on, it need not."""
        if topic == self.topic and self._broker is not None:
            self._broker.truncate(topic)

    def end(self, scheduler: Any) -> None:
        """Begins to take the agent out of all workers; of those that do not answer when they do."""
        if self._over.is_set():
            return
        self._over.set()
        scheduler.worker_plugins.pop(self.agent_name, None)
        # Under another name, so that the next monitor has its own agents meanwhile.
        scheduler.remove_plugin(name=NAME)
        scheduler.add_plugin(self, name=f"{NAME}-{self.client}")
        self._forget(scheduler)

    async def ended(self) -> None:
        """Waits for the workers that answer."""
        if self.visits:
            await asyncio.wait(list(self.visits.values()), timeout=ANSWER_SECONDS)

    async def _visit(self, scheduler: Any, address: str, before: list[asyncio.Task[None]] | None) -> None:
        if before:  # what an earlier monitor still has to take out has the same name
            await asyncio.wait(before)
        if before is not None:
            await self._tell(scheduler, address, {"op": "plugin-add", "plugin": self.agent, "name": self.agent_name})
        await self._over.wait()
        await self._tell(scheduler, address, {"op": "plugin-remove", "name": self.agent_name})
        self.visits.pop(address, None)
        self._forget(scheduler)

    async def _tell(self, scheduler: Any, address: str, message: dict[str, Any]) -> None:
        """Until the worker has answered, or left."""
        while address in scheduler.workers:
            try:
                await scheduler.broadcast(msg=message, workers=[address])
                return
            except OSError:  # no connection in time: the worker is frozen, or about to be given up by the scheduler
                await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """The scheduler ends."""
        for task in [*self.visits.values(), *filter(None, [self._leaving])]:
            task.cancel()

    def _forget(self, scheduler: Any) -> None:
        if self._over.is_set() and not self.visits and self._leaving is None:
            self._leaving = asyncio.ensure_future(self._leave(scheduler))

    async def _leave(self, scheduler: Any) -> None:
        # What the agents said as they went comes by another way than their answers.
        await asyncio.sleep(LINGER_SECONDS)
        scheduler.remove_plugin(name=f"{NAME}-{self.client}")


def begin(lease: bytes, dask_scheduler: Any) -> None:
    """To be run on the scheduler. The lease as a pickle of ours: Dask's may only name its class, which is not there."""
    pickle.loads(lease).begin(dask_scheduler)


def unsubscribe(scheduler: Any, client: str, topic: str) -> None:
    """Dask itself goes on sending to clients that have left, and its own clients leave their topics behind, too."""
    for one in (topic, "print", "warn"):
        scheduler.unsubscribe_topic(one, client)


async def end(client: str, topic: str, dask_scheduler: Any) -> None:
    """To be run on the scheduler: takes out what the monitor `client` brought, if that was the one."""
    unsubscribe(dask_scheduler, client, topic)
    lease = dask_scheduler.plugins.get(NAME)
    if lease is not None and lease.client == client:
        lease.end(dask_scheduler)
        await lease.ended()


def look(dask_scheduler: Any) -> tuple[dict[str, str], str | None]:
    """To be run on the scheduler: names of the workers by address, and whose the agents are.

    A tenth of the cost of all that Dask tells of workers.
    """
    lease = dask_scheduler.plugins.get(NAME)
    names = {address: str(worker.name) for address, worker in dask_scheduler.workers.items()}
    return names, lease and lease.client
