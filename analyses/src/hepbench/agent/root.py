"""Hooks on ROOT: its interpreter, and where distributed RDataFrame builds its graph."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from hepbench.agent.native import AWAY, Native
from hepbench.agent.readers import hook_imported
from hepbench.agent.state import current, replace, timed

# What a task of distributed RDataFrame does besides its event loop, and the task itself.
DISTRDF = {
    "Backends.Base": ("setup_mapper", "distrdf_mapper"),
    "Backends.Utils": ("clone_action", "get_mergeablevalue"),
    "ComputationGraphGenerator": ("_call_rdf_operation",),
}


def hook_root() -> None:
    root = sys.modules["ROOT"]
    if "_cppyy" in vars(root):
        _hook_cling(root)
        return
    # `import ROOT` is lazy: the interpreter starts (1 CPU-second) at the first use of the module, in this method.
    facade: Any = type(root)
    original = facade._finalSetup

    def final_setup(self: Any) -> None:
        with timed("compile"):
            original(self)
        if process.users:
            process.pending["ROOT"] = lambda: _hook_cling(root)
            hook_imported(process)

    process = current()
    replace(process, facade, "_finalSetup", final_setup)


def _hook_cling(root: Any) -> None:
    process = current()
    if process.native is None:
        process.native = Native(root)
    process.native.listen(True)
    process.undo.callback(process.native.listen, False)
    process.native.watch_thread(True)
    for name in ("Declare", "ProcessLine", "Calc"):  # the latter two also run what they compile
        original = getattr(root.TInterpreter, name)

        def compile_code(*args: Any, original: Any = original) -> Any:
            with timed("compile"):
                return original(*args)

        replace(process, root.TInterpreter, name, compile_code)


def hook_distrdf(name: str) -> None:
    process = current()
    module: Any = sys.modules[f"ROOT._distrdf.{name}"]
    for function in DISTRDF[name]:
        original = getattr(module, function)
        hooked = _hooked_mapper if function == "distrdf_mapper" else partial(_compiling_if_cling_worked, "handover")
        replace(process, module, function, hooked(original))


def _hooked_mapper(original: Callable[..., Any]) -> Callable[..., Any]:
    """A task of distributed RDataFrame: what is neither opening, nor compiling, nor the event loop is handing over."""

    def mapper(current_range: Any, build_rdf_from_range: Any, *args: Any, **more: Any) -> Any:
        process = current()
        before = process.native.totals() if process.native else None
        kind = "nothing"
        process.tally.enter("handover")
        try:
            result = original(current_range, _compiling_if_cling_worked("open", build_rdf_from_range), *args, **more)
            if before and process.native.totals()[AWAY] > before[AWAY]:
                kind = "handover"
            elif result.mergeables is not None:
                process.unavailable["handoverCpuSeconds"] = "RDataFrame's log did not tell of its event loop"
            return result
        finally:
            process.tally.leave(kind)

    return mapper


def _compiling_if_cling_worked(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Counts a call as compilation if cling accepted new code meanwhile, as `kind` otherwise.

    PyROOT compiles a wrapper at the first call of every C++ function: 1.5 CPU-seconds before the first event loop, of
    which RDataFrame's log knows nothing.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        process = current()
        if process.native is None:
            _ = sys.modules["ROOT"].gInterpreter  # ROOT starts, if it has not, and is hooked
        tally, native = process.tally, process.native
        if native is None:  # it could not be hooked, which has been said
            return function(*args, **kwargs)
        marker = native.state_marker()
        tally.enter(kind)
        try:
            return function(*args, **kwargs)
        finally:
            tally.leave("compile" if native.state_marker() != marker else kind)

    return call
