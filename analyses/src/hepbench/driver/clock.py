"""The scheduler's clock, as seen from the client."""

import time
from typing import Any


def measure_offset(client: Any, readings: int = 7) -> tuple[float, float]:
    """Scheduler's clock minus ours, in seconds, and half the round trip of the best of several readings."""
    best = (0.0, float("inf"))
    for _ in range(readings):
        sent = time.time()
        there = client.run_on_scheduler(time.time)
        received = time.time()
        error = (received - sent) / 2
        if error < best[1]:
            best = (there - (sent + received) / 2, error)
    return best


def worker_offsets(client: Any, scheduler_host: str) -> dict[str, float]:
    """Scheduler's clock minus each worker's, by address; exactly 0 on the scheduler's own host."""
    ours, _ = measure_offset(client)
    sent = time.time()
    there = client.run(time.time)
    middle = (sent + time.time()) / 2
    return {
        address: 0.0 if host_of(address) == scheduler_host else middle + ours - clock
        for address, clock in there.items()
    }


def host_of(address: str) -> str:
    """The host in a Dask address such as `tcp://10.0.0.1:8786`."""
    return address.split("://")[-1].rsplit(":", 1)[0]
