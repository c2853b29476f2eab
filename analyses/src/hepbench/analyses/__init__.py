"""The analyses that hepbench can run, each a module with the interface that the driver expects."""

import importlib
from types import ModuleType

MODULES = {
    "adl": "hepbench.analyses.adl",
    "control": "hepbench.analyses.control",
}


class AnalysisError(RuntimeError):
    """An analysis cannot run here: its code does not compile, or the files are not what it needs."""


def load(name: str) -> ModuleType:
    """The module of suite `name`, imported when first asked for."""
    if name not in MODULES:
        raise AnalysisError(f"unknown suite {name!r}; known are {', '.join(MODULES)}")
    return importlib.import_module(MODULES[name])


def require_columns(wanted: list[str], found: list[str], where: str) -> None:
    """Raises AnalysisError that names the columns of `wanted` that are not in `found`."""
    if missing := sorted(set(wanted) - set(found)):
        raise AnalysisError(f"no column {', '.join(missing)} in {where}")
