"""The page cache as one axis of warmth: dropped or filled, and proven by mincore."""

import ctypes
import mmap
import os

_LIBC = ctypes.CDLL(None, use_errno=True)


def resident_ratio(paths: list[str]) -> float:
    """Share of the files' pages that the kernel holds in memory, 0 to 1 (mincore)."""
    page, total, resident = mmap.PAGESIZE, 0, 0
    for path in paths:
        size = os.path.getsize(path)
        if size == 0:
            continue
        pages = -(-size // page)
        vector = (ctypes.c_ubyte * pages)()
        with (
            open(path, "rb") as file,
            mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as area,
        ):
            start = ctypes.addressof(ctypes.c_char.from_buffer(area))
            if _LIBC.mincore(ctypes.c_void_p(start), ctypes.c_size_t(size), vector) != 0:
                raise OSError(ctypes.get_errno(), f"mincore failed for {path}")
        total += pages
        resident += sum(v & 1 for v in vector)
    return resident / total if total else 1.0


def make(state: str, paths: list[str]) -> float | None:
    """Brings the files' pages into `state` (`cold`, `warm` or `uncontrolled`) and returns the resident share."""
    if state == "uncontrolled" or not paths:
        return None
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            if state == "cold":
                os.fsync(file.fileno())  # dirty pages cannot be dropped
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            else:
                while file.read(8 << 20):
                    pass
    return resident_ratio(paths)
