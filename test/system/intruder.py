"""Tries to get into a cluster without being let in: `intruder.py PID...`, the processes of a session.

Writes a JSON list, an entry for each port on which they listen: the ways in which Dask answered there (plainly, or with a
certificate of the intruder's own), the status of an HTTP request that would change something, and pages that were shown.
"""

import asyncio
import http.client
import json
import sys

import psutil
from distributed import Security
from distributed.core import rpc

GIVE_UP_SECONDS = 2
# Dask's: who works, what they log, tasks; and the metrics that the collector reads.
PAGES = ("/info/main/workers.html", "/info/logs.html", "/json/index.html", "/eventstream", "/status", "/metrics")
WAYS = {"tcp": {}, "tls": Security.temporary().get_connection_args("client")}


def listening(pids: list[int]) -> set[int]:
    return {
        connection.laddr.port
        for pid in pids
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


async def entered(port: int) -> list[str]:
    answered = []
    for scheme, arguments in WAYS.items():
        try:
            async with rpc(f"{scheme}://127.0.0.1:{port}", connection_args=arguments, timeout=GIVE_UP_SECONDS) as there:
                await asyncio.wait_for(there.identity(), GIVE_UP_SECONDS)
            answered.append(scheme)
        except Exception as error:  # whatever keeps the intruder out
            print(f"{scheme} {port}: {type(error).__name__}: {error}", file=sys.stderr)
    return answered


async def all_entered(ports: list[int]) -> list[list[str]]:
    return await asyncio.gather(*(entered(port) for port in ports))


def posted(port: int) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("POST", "/api/v1/retire_workers", body="{}")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def shown(port: int) -> list[str]:
    pages = []
    for path in PAGES:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.client.OK:
                pages.append(path)
        except (OSError, http.client.HTTPException):
            pass  # no HTTP there
        finally:
            connection.close()
    return pages


ports = sorted(listening([int(pid) for pid in sys.argv[1:]]))
ways = asyncio.run(all_entered(ports))
found = [
    {"port": port, "entered": way, "http": posted(port), "pages": shown(port)}
    for port, way in zip(ports, ways, strict=True)
]
print(json.dumps(found))
