"""Hooks this process and takes the hooks out again."""

from __future__ import annotations

from functools import partial

from hepbench.agent.readers import (
    hook_coffea_executor,
    hook_coffea_factory,
    hook_imported,
    hook_imports,
    hook_numba,
    hook_uproot,
)
from hepbench.agent.root import DISTRDF, hook_distrdf, hook_root
from hepbench.agent.state import current, measure_hooks


def hook() -> None:
    """Hooks imports, compilers and readers of this process; calls are counted, the last `unhook` restores all.

    Where ROOT is loaded this costs 0.2 CPU-seconds; a fork server that calls it spares its children that.
    """
    process = current()
    process.users += 1
    if process.users > 1:
        return
    process.unavailable.clear()
    measure_hooks(process)
    hook_imports(process)
    process.pending.update({"uproot": hook_uproot, "numba.core.event": hook_numba, "ROOT": hook_root})
    process.pending["coffea.nanoevents.factory"] = hook_coffea_factory
    process.pending["coffea.processor.executor"] = hook_coffea_executor
    process.pending.update({f"ROOT._distrdf.{name}": partial(hook_distrdf, name) for name in DISTRDF})
    hook_imported(process)


def unhook() -> None:
    """Takes back one `hook`."""
    process = current()
    process.users -= 1
    if process.users == 0:
        process.pending.clear()
        process.hooked.clear()
        process.undo.close()
