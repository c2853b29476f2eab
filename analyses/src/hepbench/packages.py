"""`python -m hepbench.packages`: versions of what a process of this environment imports, as one JSON object."""

from __future__ import annotations  # the Python of a monitored cluster may be an older one

import json
import platform
import re
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

# By module.
PACKAGES = {
    "ROOT": "root",
    "coffea": "coffea",
    "dask": "dask",
    "distributed": "distributed",
    "uproot": "uproot",
    "awkward": "awkward",
    "numpy": "numpy",
}


def root_version(package: Path) -> str | None:
    """Of ROOT itself, as its header says: its package on PyPI counts otherwise. None where the header is not there."""
    # Inside the package, or beside its folder `lib` as in an installation of its own.
    for include in (package / "include", package.parent.parent / "include"):
        header = include / "ROOT" / "RVersion.hxx"
        if header.is_file():
            parts = [
                re.search(rf"#define ROOT_VERSION_{part}\s+(\d+)", header.read_text())
                for part in ("MAJOR", "MINOR", "PATCH")
            ]
            if all(parts):
                major, minor, patch = (int(part[1]) for part in parts if part)
                return f"{major}.{minor:02}.{patch:02}"
    return None


def version_of(module: str, package: str) -> str | None:
    """Version of the package that `import module` would take; None where it is not known of what is found there."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).resolve().parent
    if module == "ROOT":
        return root_version(found)
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        return None
    # Another one of that name may come first on the path, and its version is none of the installed one's.
    return installed.version if Path(str(installed.locate_file(module))).resolve() == found else None


def versions() -> dict[str, str | None]:
    """By name on PyPI, of those that are there at all."""
    there = {package: version_of(module, package) for module, package in PACKAGES.items() if find_spec(module)}
    return {"python": platform.python_version(), **there}


if __name__ == "__main__":
    print(json.dumps(versions()))
