"""Hooks on ROOT: its interpreter, and where distributed RDataFrame builds its graph."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from hepbench.agent.native import Native
from hepbench.agent.readers import hook_imported
from hepbench.agent.state import current, replace, timed

# Where distributed RDataFrame builds its graph. The event loop itself is not among them.
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
        if function != "distrdf_mapper":
            replace(process, module, function, _compiling_if_cling_worked(original))
            continue

        def mapper(
            current_range: Any, build_rdf_from_range: Any, *args: Any, original: Any = original, **more: Any
        ) -> Any:
            return original(current_range, _compiling_if_cling_worked(build_rdf_from_range), *args, **more)

        replace(process, module, function, mapper)


def _compiling_if_cling_worked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Counts a call as compilation if cling accepted new code meanwhile, less what the C++ listener accounts itself.

    PyROOT compiles a wrapper at the first call of every C++ function: 1.5 CPU-seconds before the first event loop, of
    which RDataFrame's log knows nothing.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        process = current()
        interpreter = sys.modules["ROOT"].gInterpreter
        marker, tally = interpreter.GetInterpreterStateMarker(), process.tally
        before = process.native.totals() if process.native else [0.0] * 4
        tally.enter()
        try:
            return function(*args, **kwargs)
        finally:
            worked = interpreter.GetInterpreterStateMarker() != marker
            if worked and tally.depth == 1 and process.native:
                jit, jit_cpu, read, read_cpu = (b - a for a, b in zip(before, process.native.totals(), strict=True))
                tally.add("compile", -jit - read, -jit_cpu - read_cpu)
            tally.leave("compile" if worked else "nothing")

    return call
