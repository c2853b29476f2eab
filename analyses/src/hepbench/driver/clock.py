"""The scheduler's clock, as seen from the client, and the clocks of the workers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hepbench import agent

READINGS = 7
# In `Clocks`, which need not be quick: bounds of a reading and of how often it is tried again, how many are under way,
# and after how long a clock that is known is read anew. An unruled clock of a computer drifts by 50 us in a second.
ANSWER_SECONDS = 5.0
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
AT_ONCE = 16
AGAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Offset:
    """Seconds to add to the `agent.now` of a worker to have the scheduler's clock, and how far that may be off.

    `wall_ahead` of it is due to steps of the worker's wall clock.
    """

    seconds: float
    error: float
    wall_ahead: float = 0.0


SAME = Offset(0.0, 0.0)
UNREAD = (0.0, float("inf"))


def measure_offset(client: Any, ours: Callable[[], float] = agent.now) -> tuple[float, float]:
    """Scheduler's clock minus ours, in seconds, and half the round trip of the best of several readings."""
    best = UNREAD
    for _ in range(READINGS):
        sent = ours()
        there = client.run_on_scheduler(time.time)
        best = _better(best, sent, there, ours())
    return best


def _better(best: tuple[float, float], sent: float, there: float, received: float) -> tuple[float, float]:
    error = (received - sent) / 2
    return (there - (sent + received) / 2, error) if error < best[1] else best


def worker_offsets(client: Any, scheduler_host: str) -> dict[str, Offset]:
    """By address; one wall clock is that of all processes of a host."""
    ours, error = measure_offset(client)
    best: dict[str, tuple[float, float]] = {}
    ahead: dict[str, float] = {}
    for reading in range(READINGS):
        # On one host there is nothing to measure; the first reading tells who is elsewhere.
        if reading and all(host_of(address) == scheduler_host for address in best):
            break
        sent = agent.now()
        there = client.run(agent.clocks)
        received = agent.now()
        for address, (clock, wall_ahead) in there.items():
            best[address] = _better(best.get(address, UNREAD), sent, clock, received)
            ahead[address] = wall_ahead
    return {
        address: Offset(ahead[address], 0.0, ahead[address])
        if host_of(address) == scheduler_host
        else Offset(ours - offset + ahead[address], error + theirs, ahead[address])
        for address, (offset, theirs) in best.items()
    }


class Steps:
    """Whose wall clock was set between the first and the last look at it."""

    def __init__(self) -> None:
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def look(self, whose: str, wall_ahead: float) -> None:
        """Takes the `agent.wall_ahead` of a process."""
        self._first.setdefault(whose, wall_ahead)
        self._last[whose] = wall_ahead

    def told(self) -> str | None:
        """For people: `the clock of driver, w0 was set by +5.000 s`; None where nobody's was."""
        steps = {whose: last - self._first[whose] for whose, last in self._last.items()}
        large = {whose: step for whose, step in steps.items() if abs(step) >= agent.STEP_SECONDS}
        if not large:
            return None
        return f"the clock of {', '.join(large)} was set by {max(large.values(), key=abs):+.3f} s during the trial"


class Clocks:
    """Wall clocks of workers that come and go, read one by one in the event loop of the client.

    Nobody waits for a worker that does not answer. All but `__init__` is to be called in that loop.
    """

    def __init__(self, client: Any, scheduler_host: str, known: Callable[[str, Offset], None]) -> None:
        self._client, self._host, self._known = client, scheduler_host, known
        self._offsets: dict[str, Offset] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    def offset(self, address: str) -> Offset | None:
        """None while the clock of that worker has not been read."""
        if host_of(address) == self._host:
            return SAME
        return self._offsets.get(address)

    def keep(self, addresses: set[str]) -> None:
        """Reads the clocks of these workers and forgets those of others."""
        for address in self._reading.keys() - addresses:
            self._reading.pop(address).cancel()
            self._offsets.pop(address, None)
        for address in addresses - self._reading.keys():
            if host_of(address) != self._host:
                self._reading[address] = asyncio.ensure_future(self._read_regularly(address))

    async def _read_regularly(self, address: str) -> None:
        failed = 0
        while True:
            try:
                async with self._turn:
                    offset = await self._read(address)
            except Exception:  # Dask raises OSError, TimeoutError and its own: the worker is frozen, or about to leave
                await asyncio.sleep(RETRY_SECONDS[min(failed, len(RETRY_SECONDS) - 1)])
                failed += 1
                continue
            failed = 0
            self._offsets[address] = offset
            self._known(address, offset)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _read(self, address: str) -> Offset:
        """Both clocks against ours, in turn."""
        scheduler = worker = UNREAD
        for _ in range(READINGS):
            sent = agent.now()
            there = await asyncio.wait_for(self._client.run_on_scheduler(time.time), ANSWER_SECONDS)
            between = agent.now()
            scheduler = _better(scheduler, sent, there, between)
            answers = await asyncio.wait_for(self._client.run(time.time, workers=[address]), ANSWER_SECONDS)
            worker = _better(worker, between, answers[address], agent.now())
        return Offset(scheduler[0] - worker[0], scheduler[1] + worker[1])


def host_of(address: str) -> str:
    """The host in a Dask address such as `tcp://10.0.0.1:8786`."""
    return address.split("://")[-1].rsplit(":", 1)[0]
