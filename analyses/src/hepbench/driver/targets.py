"""Who takes part in a session, and how they come and go: the scheduler, its workers and the driver."""

import asyncio
import contextlib
import json
import os
import sys
import threading
from typing import Any

from hepbench.agent.sources.cgroup import cpu_quota
from hepbench.driver.serial import NAME as SERIAL

# A worker that does not answer by then is told without its cores.
ANSWER_SECONDS = 5.0
ECHO = "hepbench-presence"
ECHO_SECONDS = 0.05
Target = dict[str, Any]


def process_facts() -> Target:
    """What a process says of itself; to be run in any of them."""
    return {
        "pid": os.getpid(),
        # Kubernetes names the host of a container after its pod.
        "pod": os.environ.get("HOSTNAME") if "KUBERNETES_SERVICE_HOST" in os.environ else None,
        "cores": len(os.sched_getaffinity(0)),
        "quotaCores": cpu_quota(),
    }


def _target(name: str, role: str, **facts: Any) -> Target:
    unknown = {"pid": None, "host": None, "pod": None, "cores": None, "quotaCores": None}
    return {"name": name, "role": role, **unknown, "memoryLimitBytes": None, "http": None, **facts}


class Targets:
    """Comings and goings as JSON lines, for the runner to follow."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._changed = threading.Condition()

    def tell(self, action: str, target: Target) -> None:
        """Adds a line; `action` is `joined` or `left`."""
        with self._changed:
            self._lines.append(json.dumps({"action": action, "target": target}))
            self._changed.notify_all()

    def after(self, line: int, wait_seconds: float) -> list[str]:
        """Lines beyond the first `line` ones; waits for news up to `wait_seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._lines) > line, wait_seconds)
            return self._lines[line:]


def tell_alone(targets: Targets) -> None:
    """Tells of the one process of a session without Dask, which does what a worker does."""
    targets.tell("joined", _target(SERIAL, "worker", host="127.0.0.1", **process_facts()))


def members(dask_scheduler: Any) -> tuple[Target, dict[str, Target]]:
    """To be run on the scheduler: what it says of itself, with the port of its pages, and of its workers by address."""
    pages = getattr(dask_scheduler, "http_server", None)
    workers = {
        address: {
            "name": str(worker.name),
            "pid": worker.pid or None,
            "host": worker.host,
            "memoryLimitBytes": worker.memory_limit or None,
        }
        for address, worker in dask_scheduler.workers.items()
    }
    return {"port": pages and pages.port, **process_facts()}, workers


class Presence:
    """Tells `targets` who is in a cluster. Asks only when the scheduler says that a worker came or went."""

    def __init__(self, client: Any, host: str, targets: Targets) -> None:
        self._client, self._host, self._targets = client, host, targets
        self._workers: dict[str, Target] = {}
        self._turn = asyncio.Lock()
        self._looking: set[asyncio.Task[None]] = set()
        self._hears = asyncio.Event()
        client.subscribe_topic("all", self._hear)
        client.subscribe_topic(ECHO, lambda _event: self._hears.set())
        client.sync(self._begin)

    async def _begin(self) -> None:
        await self._until_heard()
        scheduler, _ = await self._client.run_on_scheduler(members)
        port = scheduler.pop("port")
        page = f"http://{self._host}:{port}" if port else None
        self._targets.tell("joined", _target("scheduler", "scheduler", host=self._host, http=page, **scheduler))
        self._targets.tell("joined", _target("driver", "driver", **process_facts()))
        await self._look()

    async def _until_heard(self) -> None:
        """Requests overtake subscriptions. That to `ECHO` was sent last: when an event of it comes, both hold."""
        while not self._hears.is_set():
            await self._client.scheduler.log_event(topic=ECHO, msg="")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hears.wait(), ECHO_SECONDS)
        self._client.unsubscribe_topic(ECHO)

    def _hear(self, event: Any) -> None:
        """In the loop of the client."""
        said = event[1] if isinstance(event, tuple) else event
        if isinstance(said, dict) and said.get("action") in ("add-worker", "remove-worker"):
            task = asyncio.ensure_future(self._look_again())
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _look_again(self) -> None:
        try:
            await self._look()
        except Exception as error:  # the scheduler went, and the session with it; otherwise the next news are looked at
            print(f"hepbench.driver: who is there was not seen: {error!r}", file=sys.stderr)

    async def _look(self) -> None:
        async with self._turn:
            _, workers = await self._client.run_on_scheduler(members)
            for address in self._workers.keys() - workers.keys():
                self._targets.tell("left", self._workers.pop(address))
            new = [address for address in workers if address not in self._workers]
            facts = await self._facts_of(new)
            for address in new:
                self._workers[address] = _target(
                    **{**workers[address], **facts.get(address, {}), "role": "worker"},
                )
                self._targets.tell("joined", self._workers[address])

    async def _facts_of(self, addresses: list[str]) -> dict[str, Target]:
        if not addresses:
            return {}
        try:
            asked = self._client.run(process_facts, workers=addresses, on_error="ignore")
            return await asyncio.wait_for(asked, ANSWER_SECONDS)
        except TimeoutError:
            return {}
