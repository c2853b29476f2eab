"""Is a dataset still what its manifest says?"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hepbench.datasets.errors import DataError, from_os_error, made_anew
from hepbench.datasets.store import Store

Emit = Callable[[dict[str, Any]], None]


def verify(store: Store, name: str, full: bool, emit: Emit) -> dict[str, Any]:
    """The manifest of dataset `name` when every file agrees with it; otherwise a DataError that names the file.

    Size and modification time are enough unless `full`; a file whose time has changed is read and its SHA-256 compared.
    """
    manifest = store.manifest(name)
    folder, done = store.folder(name), 0
    for entry in manifest["files"]:
        _check(folder / entry["name"], entry, full, name)
        done += entry["bytes"]
        if full:
            emit({"type": "progress", "done": done, "total": manifest["bytes"], "unit": "bytes"})
    for entry in manifest["truths"]:
        _check(folder / entry["name"], entry, True, name)
    return manifest


def _check(path: Path, entry: dict[str, Any], full: bool, name: str) -> None:
    again = made_anew(name)
    try:
        stat = path.stat()
        if stat.st_size < entry["bytes"]:
            message = f"{path} has {stat.st_size} bytes, should have {entry['bytes']}"
            raise DataError("DATA_TRUNCATED", message, again)
        if stat.st_size > entry["bytes"]:
            message = f"{path} has {stat.st_size} bytes, should have {entry['bytes']}"
            raise DataError("DATA_ALTERED", message, again)
        if not full and stat.st_mtime_ns == entry["mtimeNs"]:
            return
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DataError("DATA_MISSING", f"{path} is missing", again) from error
    except OSError as error:
        raise from_os_error(error, path.parent, 0) from error
    if found != entry["sha256"]:
        raise DataError("DATA_ALTERED", f"{path} has SHA-256 {found}, should have {entry['sha256']}", again)
