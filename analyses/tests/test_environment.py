"""The environment that runs the tests is the one the lock file describes."""

from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).parent.parent / "requirements.lock"


def locked() -> list[Requirement]:
    lines = (line.removesuffix("\\").strip() for line in LOCK.read_text().splitlines())
    requirements = (Requirement(line) for line in lines if line and line[0].isalnum())
    return [r for r in requirements if r.marker is None or r.marker.evaluate()]


def test_every_package_has_the_version_of_the_lock_file() -> None:
    assert len(locked()) > 50
    wrong = [(str(r), version(r.name)) for r in locked() if version(r.name) not in r.specifier]
    assert wrong == []
