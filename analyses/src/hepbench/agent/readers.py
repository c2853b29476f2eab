"""Hooks on what opens, reads and compiles outside ROOT: imports, uproot, coffea and numba."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from hepbench.agent.state import Process, current, metered, replace

# What a meter lacks where a library cannot be hooked; of the others it is the compilation.
LACKS = {
    "uproot": ("readSeconds", "openSeconds"),
    "coffea.nanoevents.factory": ("handoverCpuSeconds",),
    "coffea.processor.executor": ("handoverCpuSeconds",),
    "ROOT._distrdf.Backends.Base": ("compileSeconds", "openSeconds", "handoverCpuSeconds"),
}


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
        tally.enter("compile")
        try:
            return original(name, import_)
        finally:
            tally.leave()
            if process.pending and tally.kind != "compile":
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
            reason = f"{name} cannot be hooked: {error!r}"
            process.unavailable |= dict.fromkeys(LACKS.get(name, ("compileSeconds",)), reason)
        process.add_agent_cpu(time.thread_time() - cpu)


def hook_uproot() -> None:
    process = current()
    chunk = sys.modules["uproot.source.chunk"]
    sources = [chunk.Source]
    for source in sources:  # grows while it is walked
        sources += source.__subclasses__()
        for name in {"chunk", "chunks"} & vars(source).keys():
            replace(process, source, name, _metered_source(vars(source)[name]))
    # Most chunks are there when they are asked for: only those that may have to be waited for are timed.
    trivial = sys.modules["uproot.source.futures"].TrivialFuture
    replace(process, chunk.Chunk, "wait", metered("read", chunk.Chunk.wait, partial(_is_awaited, trivial)))
    reading = sys.modules["uproot.reading"]
    replace(process, reading.ReadOnlyFile, "__init__", metered("open", reading.ReadOnlyFile.__init__))
    replace(process, reading.ReadOnlyDirectory, "__init__", metered("open", reading.ReadOnlyDirectory.__init__))
    replace(process, reading.ReadOnlyKey, "get", metered("open", reading.ReadOnlyKey.get))
    branches = sys.modules["uproot.behaviors.TBranch"].HasBranches
    replace(process, branches, "typenames", metered("open", branches.typenames))


def _is_awaited(trivial: Any, chunk: Any) -> bool:
    future = chunk.future  # None where the bytes are there
    if future is None or isinstance(future, trivial):
        return False
    return not (hasattr(future, "done") and future.done())


def hook_coffea_factory() -> None:
    process = current()
    factory = sys.modules["coffea.nanoevents.factory"].NanoEventsFactory
    from_root = vars(factory)["from_root"]
    factory.from_root = classmethod(metered("handover", from_root.__func__))
    process.undo.callback(setattr, factory, "from_root", from_root)
    replace(process, factory, "events", metered("handover", factory.events))


def hook_coffea_executor() -> None:
    executor = sys.modules["coffea.processor.executor"]
    replace(current(), executor, "_compress", metered("handover", executor._compress))


def _metered_source(function: Callable[..., Any]) -> Callable[..., Any]:
    process = current()
    tally, timed = process.tally, metered("read", function)

    def metered_source(self: Any, *args: Any, **kwargs: Any) -> Any:
        queue: Any = kwargs.get("notifications", args[-1] if args else None)
        if hasattr(queue, "get"):
            # `chunks` returns at once and other threads read; the caller waits for them in `get` of its own queue.
            queue.get = metered("read", queue.get, lambda *_: queue.empty())
        if tally.in_source:  # a source that falls back on another one
            return function(self, *args, **kwargs)
        tally.in_source = True
        before = self.num_requested_bytes, self.num_requests
        try:
            return timed(self, *args, **kwargs)
        finally:
            tally.in_source = False
            size, calls = self.num_requested_bytes - before[0], self.num_requests - before[1]
            tally.bytes_read += size
            tally.read_calls += calls
            with process.lock:
                process.uproot_bytes += size
                process.uproot_calls += calls

    return metered_source


def hook_numba() -> None:
    process = current()
    event = sys.modules["numba.core.event"]
    tally = process.tally
    methods = {"on_start": lambda self, event: tally.enter("compile"), "on_end": lambda self, event: tally.leave()}
    listener = type("Listener", (event.Listener,), methods)()
    event.register("numba:compile", listener)
    process.undo.callback(event.unregister, "numba:compile", listener)
