import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from hepbench import packages


def versions_with(folder: Path) -> dict[str, str | None]:
    """As a process sees them that has `folder` before everything else."""
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); from hepbench import packages; "
    code += "import json; print(json.dumps(packages.versions()))"
    path = str(Path(packages.__file__).parent.parent)
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_versions_are_those_that_an_import_gives() -> None:
    import coffea
    import numpy
    import ROOT

    seen = packages.versions()
    assert (seen["coffea"], seen["numpy"]) == (coffea.__version__, numpy.__version__)
    # On PyPI it has a version of its own.
    assert seen["root"] == ROOT.__version__ != version("root")


def test_a_version_that_is_installed_but_not_imported_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "dask").mkdir()
    (tmp_path / "dask" / "__init__.py").write_text("__version__ = 'another'")
    seen = versions_with(tmp_path)
    assert seen["dask"] is None
    assert seen["coffea"] == version("coffea")


def test_a_description_without_a_package_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "coffea-0.6.dist-info").mkdir()
    (tmp_path / "coffea-0.6.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: coffea\nVersion: 0.6\n")
    assert versions_with(tmp_path)["coffea"] is None


@pytest.mark.parametrize("place", ["lib/ROOT", "ROOT"])
def test_the_header_of_root_is_found_in_its_package_and_beside_it(tmp_path: Path, place: str) -> None:
    package = tmp_path / place
    include = package / "include" if place == "ROOT" else tmp_path / "include"
    (include / "ROOT").mkdir(parents=True)
    package.mkdir(parents=True, exist_ok=True)
    assert packages.root_version(package) is None
    numbers = {"MAJOR": 6, "MINOR": 4, "PATCH": 12}
    lines = [f"#define ROOT_VERSION_{part} {number}" for part, number in numbers.items()]
    (include / "ROOT" / "RVersion.hxx").write_text("\n".join(lines))
    assert packages.root_version(package) == "6.04.12"
