"""Child processes that do one piece of work each and die with their parent, whatever happens to it."""

import ctypes
import json
import os
import selectors
import signal
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from hepbench.datasets.errors import DataError
from hepbench.lifetime import die_with_parent

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
Send = Callable[[dict[str, Any]], None]
Task = Callable[[Send], dict[str, Any]]


def _run(task: Task, channel: int, parent: int) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)
        die_with_parent(parent)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        # keep freed memory: zstd takes megabytes anew for every basket, and the page faults cost 5 to 10 % of the time
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, 32 << 20)
        libc.mallopt(M_TRIM_THRESHOLD, 1 << 30)
        with os.fdopen(channel, "w", buffering=1) as stream:

            def send(message: dict[str, Any]) -> None:
                stream.write(json.dumps(message) + "\n")

            try:
                send({"result": task(send)})
                code = 0
            except DataError as error:
                send(error.to_json())
    except BaseException:  # a bug: its stack goes to standard error, the parent sees that no result came
        traceback.print_exc()
    os._exit(code)


class Children:
    """Runs tasks in forked processes, at most `jobs` at a time; `close` kills those that still run."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._running: dict[int, tuple[int, int, bytes]] = {}  # read end -> process id, task number, unread bytes

    def messages(self, tasks: list[Task]) -> Iterator[tuple[int, dict[str, Any]]]:
        """(task number, message) in order of arrival; every task ends with {"result": ...} or a DataError is raised."""
        with selectors.DefaultSelector() as selector:
            waiting = list(enumerate(tasks))
            while waiting or self._running:
                while waiting and len(self._running) < self._jobs:
                    number, task = waiting.pop(0)
                    selector.register(self._start(number, task), selectors.EVENT_READ)
                for key, _ in selector.select():
                    yield from self._read(key.fd, selector)

    def close(self) -> None:
        """Kill and reap the processes that are still running."""
        for channel, (process, _, _) in self._running.items():
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(channel)
        self._running.clear()

    def _start(self, number: int, task: Task) -> int:
        reading, writing = os.pipe()
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            os.close(reading)
            _run(task, writing, parent)
        os.close(writing)
        self._running[reading] = (process, number, b"")
        return reading

    def _read(self, channel: int, selector: selectors.BaseSelector) -> Iterator[tuple[int, dict[str, Any]]]:
        process, number, rest = self._running[channel]
        chunk = os.read(channel, 65_536)
        *lines, rest = (rest + chunk).split(b"\n")
        self._running[channel] = (process, number, rest)
        for line in lines:
            message = json.loads(line)
            if message.get("type") == "error":
                raise DataError(message["code"], message["message"], message["hint"])
            yield number, message
        if not chunk:
            selector.unregister(channel)
            os.close(channel)
            del self._running[channel]
            self._reap(process, number)

    @staticmethod
    def _reap(process: int, number: int) -> None:
        _, status = os.waitpid(process, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            hint = "see standard error; if it was SIGKILL, the machine was perhaps out of memory: lower --jobs"
            raise DataError("WRITER_DIED", f"the process that wrote file {number} ended early ({how})", hint)
