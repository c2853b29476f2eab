"""Suite `control`: tasks of known cost, for the floor of Dask's overhead and to calibrate the loss budget."""

import importlib
import io
import itertools
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from hepbench.agent import metered_read
from hepbench.analyses import AnalysisError, no_backend
from hepbench.analysis import Analysis, Answer, Kind, Mark, Workload
from hepbench.backends.cpp import compile_cpp
from hepbench.backends.tasks import kinds_of, run_tasks

Report = dict[str, Any]
PIPE_BYTES_PER_SECOND = 20_000_000
READ_BYTES = 1 << 20
_unique = itertools.count()


def task(kind: str, amount: float, number: int = 0, path: str | None = None) -> Report:
    """Does `amount` of `kind` in this thread: seconds, bytes for `read`, functions for `compile`.

    Returns {kind, number, tasks: 1, wall, cpu, done}: seconds measured around the work, and what was done in the unit
    of `amount`. `read` without `path` reads from a pipe that delivers PIPE_BYTES_PER_SECOND.
    """
    if kind not in _KINDS:
        raise AnalysisError(f"unknown kind of control task {kind!r}; known are {', '.join(_KINDS)}")
    wall, cpu = time.perf_counter(), time.thread_time()
    done = _KINDS[kind](amount, path)
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    return {"kind": kind, "number": number, "tasks": 1, "wall": wall, "cpu": cpu, "done": done}


def merge(one: Report, two: Report, size: int) -> Report:
    """Adds up two reports and a payload of `size` bytes; `done` is the bytes that were added."""
    wall, cpu = time.perf_counter(), time.thread_time()
    payload = bytearray(size)
    for report in (one, two):
        part = report.get("payload", b"")
        payload[: len(part)] = part
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    tasks = one["tasks"] + two["tasks"]
    return {"kind": "merge", "tasks": tasks, "wall": wall, "cpu": cpu, "done": size, "payload": bytes(payload)}


def analysis(backend: str, parameters: Mapping[str, str], columns: Sequence[str] = (), edit: int = 0) -> Analysis:
    """Tasks of one kind and one amount."""
    if backend != "dask":
        raise no_backend("control", backend)
    return Control(parameters)


@dataclass(frozen=True)
class Control:
    """Parameters: `kind`, `amount`, and `merge` (bytes of a merged report, 0 unless given)."""

    parameters: Mapping[str, str]
    loops: int = 1

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """See Analysis."""
        return kinds_of("control")

    def columns(self) -> Sequence[str]:
        """None: no data are read."""
        return ()

    def prepare(self, workload: Workload, client: Any) -> None:
        """Nothing is needed."""

    def run(self, workload: Workload, client: Any, mark: Mark) -> int:
        """Runs `workload.tasks` tasks and merges their reports pairwise; the number of tasks that ran."""
        kind, amount = self.parameters["kind"], float(self.parameters["amount"])
        path = workload.files[0] if workload.files else None
        calls = [(task, kind, amount, number, path) for number in range(workload.tasks)]
        join = partial(merge, size=int(float(self.parameters.get("merge", "0"))))
        return int(run_tasks(client, "control", calls, join, mark)["tasks"])

    def answer(self, result: int) -> Answer:
        """One event for each task that ran."""
        return Answer(result)

    def warm(self, tree: str, file: str) -> None:
        """Nothing is needed."""


def _empty(_amount: float, _path: str | None) -> float:
    return 0.0


def _compute(seconds: float, _path: str | None) -> float:
    """Burns CPU of this thread, whatever its neighbours do."""
    start = time.thread_time()
    while time.thread_time() - start < seconds:
        sum(range(500))
    return time.thread_time() - start


def _sleep(seconds: float, _path: str | None) -> float:
    time.sleep(seconds)
    return seconds


def _lock(seconds: float, _path: str | None) -> float:
    """Waits for a lock that another thread holds, asleep."""
    lock, held = threading.Lock(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    held.wait()
    start = time.perf_counter()
    with lock:
        waited = time.perf_counter() - start
    holder.join()
    return waited


def _read(size: float, path: str | None) -> float:
    return float(_read_pipe(int(size)) if path is None else _read_file(int(size), path))


def _read_file(size: int, path: str) -> int:
    """Reads from the start of the file, again and again if it is shorter, past the page cache's content."""
    descriptor, done = os.open(path, os.O_RDONLY), 0
    try:
        length = os.fstat(descriptor).st_size
        if length == 0 < size:
            raise AnalysisError(f"{path} is empty")
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        with metered_read():
            while done < size:
                done += len(os.pread(descriptor, min(READ_BYTES, size - done), done % length))
    finally:
        os.close(descriptor)
    return done


def _read_pipe(size: int) -> int:
    reader, writer = os.pipe()
    feeder = threading.Thread(target=_feed, args=(writer, size), daemon=True)
    feeder.start()
    done = 0
    with metered_read():
        while block := os.read(reader, READ_BYTES):
            done += len(block)
    feeder.join()
    os.close(reader)
    return done


def _feed(writer: int, size: int) -> None:
    """Writes `size` bytes, never ahead of PIPE_BYTES_PER_SECOND."""
    block, start, sent = bytes(PIPE_BYTES_PER_SECOND // 1000), time.perf_counter(), 0
    while sent < size:
        sent += os.write(writer, block[: size - sent])
        time.sleep(max(0.0, start + sent / PIPE_BYTES_PER_SECOND - time.perf_counter()))
    os.close(writer)


class _SlowFile(io.BytesIO):
    """A file whose first bytes take a known time to come, off CPU: a name server with much to do."""

    def __init__(self, content: bytes, seconds: float) -> None:
        super().__init__(content)
        self._seconds = seconds

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes from where the file is."""
        time.sleep(self._seconds)
        self._seconds = 0.0
        return super().read(size)


def _open(seconds: float, _path: str | None) -> float:
    uproot: Any = importlib.import_module("uproot")  # a second, and only tasks of this kind need it
    content = _root_file()
    start = time.perf_counter()
    uproot.open(_SlowFile(content, seconds)).close()
    return time.perf_counter() - start


@cache
def _root_file() -> bytes:
    uproot: Any = importlib.import_module("uproot")
    file = io.BytesIO()
    with uproot.recreate(file):
        return file.getvalue()


def _compile(functions: float, _path: str | None) -> float:
    """Compiles C++ functions that this process has not seen yet."""
    names = [f"f_{os.getpid()}_{next(_unique)}" for _ in range(int(functions))]
    bodies = "\n".join(f"double {name}(const std::vector<double> &x) {{ {_BODY} }}" for name in names)
    compile_cpp(f"#include <vector>\nnamespace hepbench_control {{\n{bodies}\n}}", f"{len(names)} control functions")
    return float(len(names))


_BODY = "double sum = 0; for (double value : x) sum += value * value; return sum;"
_KINDS: dict[str, Callable[[float, str | None], float]] = {
    "empty": _empty,
    "compute": _compute,
    "sleep": _sleep,
    "lock": _lock,
    "read": _read,
    "open": _open,
    "compile": _compile,
}
