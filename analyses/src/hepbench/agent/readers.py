"""Hooks on what reads and compiles outside ROOT: imports, uproot and numba."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from hepbench.agent.state import Process, current, replace, timed


def hook_imports(process: Process) -> None:
    # The interpreter calls this function only for a module that is not in sys.modules yet: cached imports cost nothing.
    bootstrap = sys.modules["_frozen_importlib"]
    original = getattr(bootstrap, "_find_and_load", None)
    if original is None:
        process.unavailable["compileSeconds"] = "this Python has no importlib._bootstrap._find_and_load"
        return
    tally = process.tally

    def find_and_load(name: str, import_: Any) -> Any:
        if name in sys.modules:  # `importlib.import_module` comes here for cached modules, too
            return original(name, import_)
        tally.enter()
        try:
            return original(name, import_)
        finally:
            tally.leave("compile")
            if process.pending and tally.depth == 0:
                hook_imported(process)

    replace(process, bootstrap, "_find_and_load", find_and_load)


def hook_imported(process: Process) -> None:
    for name in list(process.pending):
        # Another thread may be in the middle of the import.
        if name not in sys.modules or getattr(sys.modules[name].__spec__, "_initializing", False):
            continue
        install = process.pending.pop(name, None)
        if install is None:
            continue
        cpu = time.thread_time()
        try:
            install()
            process.hooked.add(name)
        except Exception as error:  # another version of the library: the workload goes on, unmetered
            field = "readSeconds" if name == "uproot" else "compileSeconds"
            process.unavailable[field] = f"{name} cannot be hooked: {error!r}"
        process.add_agent_cpu(time.thread_time() - cpu)


def hook_uproot() -> None:
    process = current()
    chunk = sys.modules["uproot.source.chunk"]
    sources = [chunk.Source]
    for source in sources:  # grows while it is walked
        sources += source.__subclasses__()
        for name in {"chunk", "chunks"} & vars(source).keys():
            replace(process, source, name, _metered_source(vars(source)[name]))
    replace(process, chunk.Chunk, "wait", _metered(chunk.Chunk.wait))


def _metered(function: Callable[..., Any]) -> Callable[..., Any]:
    def metered(*args: Any, **kwargs: Any) -> Any:
        with timed("read"):
            return function(*args, **kwargs)

    return metered


def _metered_source(function: Callable[..., Any]) -> Callable[..., Any]:
    process = current()
    tally = process.tally

    def metered(self: Any, *args: Any, **kwargs: Any) -> Any:
        queue: Any = kwargs.get("notifications", args[-1] if args else None)
        if hasattr(queue, "get"):
            # `chunks` returns at once and other threads read; the caller waits for them in `get` of its own queue.
            queue.get = _metered(queue.get)
        if tally.in_source:  # a source that falls back on another one
            return function(self, *args, **kwargs)
        tally.in_source = True
        before = self.num_requested_bytes, self.num_requests
        try:
            with timed("read"):
                return function(self, *args, **kwargs)
        finally:
            tally.in_source = False
            size, calls = self.num_requested_bytes - before[0], self.num_requests - before[1]
            tally.bytes_read += size
            tally.read_calls += calls
            with process.lock:
                process.uproot_bytes += size
                process.uproot_calls += calls

    return metered


def hook_numba() -> None:
    process = current()
    event = sys.modules["numba.core.event"]
    tally = process.tally
    methods = {"on_start": lambda self, event: tally.enter(), "on_end": lambda self, event: tally.leave("compile")}
    listener = type("Listener", (event.Listener,), methods)()
    event.register("numba:compile", listener)
    process.undo.callback(event.unregister, "numba:compile", listener)
