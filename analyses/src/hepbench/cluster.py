"""A Dask cluster on this machine: `python -m hepbench.cluster scheduler|worker|fork-server ...`.

Each command writes one JSON line to standard output when it is ready, lives until its parent ends, and is a process of
its own: single-threaded workers never share an interpreter with the client (distributed RDataFrame needs that). Workers
of a scheduler with TLS first read a line with what lets them in (`credentials`).
"""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator

from hepbench import analyses, credentials
from hepbench.credentials import Credentials
from hepbench.lifetime import die_with_parent

HOST = "127.0.0.1"
PAGES = ["distributed.http.scheduler.prometheus", "distributed.http.health"]
# What a fork server waits for.
SIGNALS = (signal.SIGCHLD, signal.SIGTERM)
# A worker that lives shorter has not lasted; the longest time until it is started again.
BRIEF_SECONDS, LONGEST_SECONDS = 30.0, 60.0


def _settings() -> None:
    from dask import config

    # The statistical profiler wakes every 10 ms inside the worker that is being measured.
    config.set({"distributed.worker.profile.enabled": False, "distributed.admin.large-graph-warning-threshold": "1GB"})
    # What all users of the machine can read: no logs, stacks or tasks.
    config.set({"distributed.scheduler.http.routes": PAGES, "distributed.worker.http.routes": []})


def _say(**facts: object) -> None:
    # One write: `print` makes two, between which another process may write into the same pipe.
    os.write(sys.stdout.fileno(), f"{json.dumps(facts)}\n".encode())


def _leave_no_folder() -> None:
    """At SIGTERM the folders in which Dask would spill go, as those of killed ones do when the next Dask starts."""
    from distributed.diskutils import DIR_LOCK_EXT, WorkSpace

    def end() -> None:
        for lock in list(WorkSpace._known_locks):
            shutil.rmtree(lock.removesuffix(DIR_LOCK_EXT), ignore_errors=True)
            with contextlib.suppress(OSError):
                os.unlink(lock)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)


async def _scheduler(port: int, *, tls: bool) -> None:
    from distributed import Scheduler

    _leave_no_folder()
    pair = credentials.made() if tls else None
    security = credentials.security(pair)
    pages = {"dashboard_address": f"{HOST}:0", "dashboard": False}
    async with Scheduler(host=HOST, port=port, security=security, **pages) as scheduler:
        _say(address=scheduler.address, credentials=pair, pid=os.getpid())
        await scheduler.finished()


async def _worker(args: argparse.Namespace, name: str, pair: Credentials | None, *, forked: bool = False) -> None:
    from distributed import Worker

    _leave_no_folder()
    worker = await Worker(
        args.scheduler,
        host=HOST,
        nthreads=args.threads,
        name=name,
        memory_limit=args.memory_limit,
        dashboard=False,
        security=credentials.security(pair),
    )
    if not forked:  # the fork server speaks for its children
        _say(worker=name, address=worker.address, pid=os.getpid())
    await worker.finished()


def _fork(run: Callable[[], None]) -> int:
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            die_with_parent(server)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            run()
            status = 0
        except BaseException:  # there is nobody above to whom it could be raised
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return pid


def _serve(args: argparse.Namespace, pair: Credentials | None) -> None:
    """Forks `args.workers` workers from one warm parent and replaces each that ends unasked."""
    _settings()
    import distributed  # noqa: F401

    analyses.load(args.suite).analysis(args.backend, {}).warm(args.tree, args.file)
    gc.collect()
    gc.freeze()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise SystemExit(f"fork server has {threads} threads; forking it would lose them")

    def child(name: str) -> Callable[[], None]:
        return lambda: asyncio.run(_worker(args, name, pair, forked=True))

    # Waited for in `Workers.keep`, so that nothing comes between a fork and its entry.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    workers = _Workers(child, args.workers)
    _say(forked=args.workers, pid=os.getpid())
    workers.keep()


class _Workers:
    """The children of a fork server. One that ends is started again, later each time that it does not last."""

    def __init__(self, child: Callable[[str], Callable[[], None]], count: int) -> None:
        self._child = child
        self._alive: dict[int, str] = {}
        self._started: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._brief: Counter[str] = Counter()
        for index in range(count):
            self._start(f"w{index}")

    def keep(self) -> None:
        """Until SIGTERM, which is passed on."""
        while True:
            wait = max(0.0, min(self._due.values()) - time.monotonic()) if self._due else LONGEST_SECONDS
            came = signal.sigtimedwait(SIGNALS, wait)
            if came is not None and came.si_signo == signal.SIGTERM:
                break
            for pid, status in self._ended():
                self._plan(self._alive.pop(pid), status)
            for name in [name for name, due in self._due.items() if due <= time.monotonic()]:
                del self._due[name]
                self._start(name)
        for pid in self._alive:
            os.kill(pid, signal.SIGTERM)
        for pid in self._alive:
            os.waitpid(pid, 0)

    def _start(self, name: str) -> None:
        self._started[name] = time.monotonic()
        self._alive[_fork(self._child(name))] = name

    def _ended(self) -> Iterator[tuple[int, int]]:
        for pid in list(self._alive):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                yield pid, os.waitstatus_to_exitcode(status)

    def _plan(self, name: str, status: int) -> None:
        lasted = time.monotonic() - self._started[name]
        self._brief[name] = self._brief[name] + 1 if lasted < BRIEF_SECONDS else 0
        # The first time at once: whoever killed it wants to see it come back.
        wait = min(2.0 ** (self._brief[name] - 2), LONGEST_SECONDS) if self._brief[name] > 1 else 0.0
        self._due[name] = time.monotonic() + wait
        text = f"worker {name} ended with {status} after {lasted:.1f} s, is started again in {wait:g} s"
        print(f"hepbench.cluster fork-server: {text}", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hepbench.cluster")
    commands = parser.add_subparsers(dest="command", required=True)
    scheduler = commands.add_parser("scheduler")
    scheduler.add_argument("--port", type=int, default=0)
    scheduler.add_argument("--tls", action="store_true", help="only processes of the session are let in")
    worker = commands.add_parser("worker")
    worker.add_argument("--name", required=True)
    server = commands.add_parser("fork-server")
    server.add_argument("--workers", type=int, required=True)
    server.add_argument("--suite", required=True)
    server.add_argument("--backend", required=True)
    server.add_argument("--tree", default="")
    server.add_argument("--file", default="", help="a file whose analysis is compiled before the fork")
    for command in (worker, server):
        command.add_argument("--scheduler", required=True)
        command.add_argument("--threads", type=int, default=1)
        command.add_argument("--memory-limit", type=int, default=0, help="bytes, 0 for none")
    return parser.parse_args()


def main() -> None:
    """Runs one command of a local cluster until it is told to end or its parent is gone."""
    die_with_parent()
    args = _arguments()
    within = args.command != "scheduler" and args.scheduler.startswith("tls://")
    pair = credentials.given() if within else None
    if args.command == "fork-server":
        _serve(args, pair)
        return
    _settings()
    work = _scheduler(args.port, tls=args.tls) if args.command == "scheduler" else _worker(args, args.name, pair)
    try:
        asyncio.run(work)
    except (OSError, RuntimeError) as error:
        # Dask wraps what went wrong at the start of a server.
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError):
            raise
        print(f"hepbench.cluster {args.command}: {cause}", file=sys.stderr)
        raise SystemExit(3) from None


if __name__ == "__main__":
    main()
