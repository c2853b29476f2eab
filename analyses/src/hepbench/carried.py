"""hepbench by value: brings its sources to a scheduler and workers that lack it, or have another version.

What is shipped imports only the standard library and Dask. On a cluster of ours all have the same files, and nothing
is done there.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin

NAME = "hepbench-sources"
PACKAGE = "hepbench"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def digest_of(folder: Path) -> str:
    """Of names and contents of all files of the package."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def packed() -> tuple[str, bytes]:
    """The digest of the package of this process, and a zip file that holds it."""
    folder = Path(__file__).parent
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            archive.write(path, path.relative_to(folder.parent))
    return digest_of(folder), file.getvalue()


def unpack(digest: str, archive: bytes) -> bool:
    """Makes the package of `archive` the one that is imported here; whether that was needed.

    It is a file in memory only, which goes with the process.
    """
    name = f"{PACKAGE}-{digest}"
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place)
        brought = folder.parent.is_symlink() and name in os.readlink(folder.parent)
        if brought or (folder.is_dir() and digest_of(folder) == digest):
            return False
    memory = os.memfd_create(name)
    with os.fdopen(os.dup(memory), "wb") as file:
        file.write(archive)
    sys.path.insert(0, f"/proc/self/fd/{memory}")
    for module in [module for module in sys.modules if module.split(".")[0] == PACKAGE]:
        del sys.modules[module]
    return True


class Sources(WorkerPlugin):
    """Unpacks the package on every worker, those that join later included, before it is asked for anything of it."""

    name = NAME

    def __init__(self, digest: str, archive: bytes) -> None:
        self.digest, self.archive = digest, archive

    def setup(self, worker: Any) -> None:
        """See `unpack`."""
        unpack(self.digest, self.archive)


def carry(client: Any) -> None:
    """Brings this package to the scheduler and all workers of `client`."""
    import cloudpickle

    # Dask asks by the very module of what it ships.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    digest, archive = packed()
    client.run_on_scheduler(unpack, digest, archive)
    client.register_plugin(Sources(digest, archive))
