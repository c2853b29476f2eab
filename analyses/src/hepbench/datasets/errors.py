"""The one error type of this package, as the command line prints it."""

import errno
import os
from pathlib import Path


class DataError(Exception):
    """A dataset or store that is not usable: `code` for programs, a message with the value seen, a hint what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def to_json(self) -> dict[str, str]:
        """The error as one protocol line."""
        return {"type": "error", "code": self.code, "message": self.message, "hint": self.hint}


def made_anew(name: str) -> str:
    """The hint for a dataset whose files are not what its manifest says."""
    return f"run `bench datasets clean {name}`; the next run makes it anew"


def free_bytes(folder: Path) -> int:
    """Bytes that an unprivileged process can still write on the file system of `folder`."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


def disk_full(folder: Path, needed: int) -> DataError:
    """The DISK_FULL error for `needed` bytes in `folder`, naming what is free now."""
    return DataError(
        "DISK_FULL",
        f"{folder} has {free_bytes(folder)} bytes free, the dataset needs about {needed}",
        "free some space, ask for fewer or smaller files, or choose another folder with --store",
    )


def from_os_error(error: OSError, folder: Path, needed: int) -> DataError:
    """Translate an operating-system error met while writing `needed` bytes below `folder`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder, needed)
    return DataError(
        "STORE_UNREADABLE",
        f"{error.filename or folder}: {error.strerror or error}",
        "check that --store names a folder which this user can read and write",
    )
