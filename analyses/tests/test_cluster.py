"""The fork server of a local cluster: how its workers end, and how they come back."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client

GIVE_UP_SECONDS = 120


@contextmanager
def a_part(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of a cluster; its log is read from standard error."""
    # As `bench` sets them: a library that starts threads cannot be forked.
    single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    environment = {**os.environ, **single, "HEPBENCH_PARENT_PID": str(os.getpid())}
    command = [sys.executable, "-u", "-m", "hepbench.cluster", *arguments]
    pipes: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def a_fork_server(scheduler: str, workers: int) -> Any:
    rest = ("--suite", "control", "--backend", "dask", "--scheduler", scheduler)
    return a_part("fork-server", "--workers", str(workers), *rest)


def test_a_worker_that_cannot_live_says_why_and_is_started_again_ever_later() -> None:
    with a_fork_server("nonsense://127.0.0.1:1", 1) as server:
        log, waits = "", list[float]()
        while len(waits) < 4:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert line, f"the fork server ended: {log}"
            log += line
            waits = [float(wait) for wait in re.findall(r"worker w0 ended with 1 after .* again in (\S+) s\n", log)]
        server.terminate()
        server.communicate(timeout=GIVE_UP_SECONDS)
    assert "Traceback" in log
    assert "unknown address scheme 'nonsense'" in log
    assert waits == [0, 1, 2, 4]


def test_a_worker_that_was_started_again_ends_alone_when_it_is_told_to() -> None:
    with a_part("scheduler") as scheduler:
        assert scheduler.stdout is not None
        (address,) = re.findall(r'"address": "([^"]+)"', scheduler.stdout.readline())
        with a_fork_server(address, 2), Client(address, timeout=60) as client:
            killed, stays = two_without(client, None)
            os.kill(killed, signal.SIGKILL)
            (again,) = two_without(client, killed) - {stays}
            os.kill(again, signal.SIGTERM)
            assert stays in two_without(client, again)


def two_without(client: Any, gone: int | None) -> set[int]:
    """Process ids of the workers as soon as there are two of them and `gone` is none."""
    end = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < end:
        pids = set(client.run(os.getpid, on_error="ignore").values())
        if len(pids) == 2 and gone not in pids:
            return pids
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for two workers without {gone}")


# The server is gone before its child asks for the death signal.
ORPHAN = """
import os, time
from hepbench import cluster
ask, server = cluster.die_with_parent, os.getpid()
def late(*parent):
    while os.getppid() == server:
        time.sleep(0.01)
    ask(*parent)
cluster.die_with_parent = late
cluster._fork(lambda: os.write(1, b"it lives on"))
os._exit(0)
"""


def test_a_child_whose_server_has_died_already_does_not_live_on() -> None:
    # Standard output ends with the last of both.
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, timeout=GIVE_UP_SECONDS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
