"""The folder that holds datasets: their places, manifests and locks. A dataset is there or not there, never half."""

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from hepbench.datasets.errors import DataError, from_os_error

MANIFEST = "dataset.json"
SCHEMA_VERSION = 1
ID = re.compile(r"[a-z]+\d+-[0-9a-f]{12}")
OURS = re.compile(r"dataset\.json|f\d+\.root|truth-[a-z]+\.json")


def truth_name(suite: str) -> str:
    """File name of the truth for `suite`."""
    return f"truth-{suite}.json"


class Store:
    """One store folder, created when it is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        try:
            (self.root / ".locks").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise from_os_error(error, self.root, 0) from error

    def folder(self, name: str) -> Path:
        """Where dataset `name` is, or would be."""
        return self.root / name

    def has(self, name: str) -> bool:
        """Whether dataset `name` is there, whole or damaged."""
        return self.folder(name).is_dir()

    def ids(self) -> list[str]:
        """The datasets that are there, whole or damaged, sorted."""
        try:
            return sorted(path.name for path in self.root.iterdir() if ID.fullmatch(path.name) and path.is_dir())
        except OSError as error:
            raise from_os_error(error, self.root, 0) from error

    def manifest(self, name: str) -> dict[str, Any]:
        """The manifest of dataset `name`; DATA_MISSING or DATA_ALTERED when there is none or it cannot be read."""
        if not ID.fullmatch(name) or not self.has(name):
            there = ", ".join(self.ids()) or "nothing"
            raise DataError(
                "DATA_MISSING", f"no dataset {name} in {self.root} (it holds {there})", "run generate first"
            )
        path = self.folder(name) / MANIFEST
        try:
            manifest = json.loads(path.read_text())
            if manifest["schemaVersion"] != SCHEMA_VERSION or manifest["id"] != name:
                raise ValueError(f"schema {manifest['schemaVersion']} of {manifest['id']}")
        except FileNotFoundError as error:
            raise DataError(
                "DATA_MISSING", f"{path} is missing", f"run `bench datasets clean {name}`; the next run makes it anew"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path} is not a manifest of this version: {error}"
            raise DataError(
                "DATA_ALTERED", message, f"run `bench datasets clean {name}`; the next run makes it anew"
            ) from error
        except OSError as error:
            raise from_os_error(error, path, 0) from error
        return manifest

    def _lock_file(self, name: str) -> TextIO:
        """The open file of a lock. That of another user, who shares a cache, serves as well."""
        path = self.root / ".locks" / name
        try:
            # Locking takes no right to write.
            return path.open("r" if path.exists() and not os.access(path, os.W_OK) else "w")
        except OSError as error:
            raise from_os_error(error, path, 0) from error

    @contextlib.contextmanager
    def lock(self, name: str, wait: bool) -> Iterator[bool]:
        """Hold the lock of dataset `name` (released by the kernel when the process ends); False: another holds it."""
        with self._lock_file(name) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    @contextlib.contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Say that this process reads dataset `name`: until it ends, nobody removes it.

        A store in which this process may write nothing, and nobody has read this dataset before, cannot be told.
        """
        with contextlib.ExitStack() as held:
            with contextlib.suppress(DataError, OSError):
                file = held.enter_context(self._lock_file(f"{name}.readers"))
                fcntl.flock(file, fcntl.LOCK_SH)
            yield

    @contextlib.contextmanager
    def unread(self, name: str) -> Iterator[bool]:
        """Keep readers of dataset `name` waiting; False: somebody reads it."""
        with self._lock_file(f"{name}.readers") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    @contextlib.contextmanager
    def building(self, name: str) -> Iterator[Path]:
        """A new folder that becomes dataset `name` when the block ends well and vanishes otherwise; hold the lock."""
        self._sweep(name)
        folder = self.root / f".new-{name}-{os.getpid()}"
        folder.mkdir()
        try:
            yield folder
            folder.rename(self.folder(name))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def remove(self, name: str) -> int:
        """Remove dataset `name` and what a killed process left of it; the bytes freed. Hold the lock.

        DATA_FOREIGN, and nothing removed, where its folder holds something that no dataset has.
        """
        folder, dying = self.folder(name), self.root / f".old-{name}-{os.getpid()}"
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        for path in there:
            if not OURS.fullmatch(path.name):
                raise DataError(
                    "DATA_FOREIGN", f"{path} is no part of a dataset", "move it elsewhere; nothing was removed"
                )
        freed = sum(path.stat().st_size for path in there)
        try:
            if folder.is_dir():
                folder.rename(dying)
            self._sweep(name)
        except OSError as error:
            raise from_os_error(error, self.root, 0) from error
        return freed

    def leftovers(self) -> list[str]:
        """Datasets of which a killed process left a part."""
        return sorted({found[0] for path in self.root.glob(".???-*") if (found := ID.search(path.name))})

    def _sweep(self, name: str) -> None:
        for pattern in (f".new-{name}-*", f".old-{name}-*"):
            for path in self.root.glob(pattern):
                shutil.rmtree(path)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as one JSON document and see that it reached the disk."""
    with path.open("w") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
