"""The analyses that hepbench can run: a module or a folder for each suite, of the same name."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from hepbench.analysis import Analysis


class AnalysisError(RuntimeError):
    """An analysis cannot run here: its code does not compile, or the files are not what it needs."""


class Module(Protocol):
    """What the module of a suite has."""

    def analysis(
        self, backend: str, parameters: Mapping[str, str], columns: Sequence[str] = (), edit: int = 0
    ) -> Analysis:
        """The suite with one backend: `parameters` as suite.ts gives them, what is not there has its default.

        `columns` are the planned ones. With another `edit` the code that is compiled is another, the answer the same.
        """
        ...


def names() -> list[str]:
    """The suites that have an analysis here."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Module:
    """The module of suite `name`, imported when first asked for."""
    if name not in names():
        raise AnalysisError(f"unknown suite {name!r}; known are {', '.join(names())}")
    return cast("Module", importlib.import_module(f"{__name__}.{name}"))


def no_backend(suite: str, backend: str) -> AnalysisError:
    """For a suite that is asked for a backend that it does not have."""
    return AnalysisError(f"suite {suite} has no backend {backend!r}")


def require_columns(wanted: Sequence[str], found: Sequence[str], where: Any) -> None:
    """Raises AnalysisError that names the columns of `wanted` that are not in `found`."""
    if missing := sorted(set(wanted) - set(found)):
        raise AnalysisError(f"no column {', '.join(missing)} in {where}")
