"""Writing blocks of events into one ROOT file, as a TTree with clusters of a known size."""

import importlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from hepbench.datasets.content import Block
from hepbench.datasets.errors import DataError, disk_full, free_bytes

TREE = "Events"
LEAVES = {
    "float32": "F", "int32": "I", "uint32": "i", "int16": "S", "uint16": "s", "int8": "B", "uint8": "b", "uint64": "l",
    "bool": "O",
}  # fmt: skip
LARGEST_BASKET = 8_000_000
LITTLE_SPACE = 4_000_000


class Column(TypedDict):
    """What one column takes in a file: its type and the bytes of its baskets."""

    type: str
    compressedBytes: int
    uncompressedBytes: int


@lru_cache
def load_root() -> Any:
    """ROOT with the C++ filler declared, once per process (about 1 CPU-second)."""
    root: Any = importlib.import_module("ROOT")
    code = (Path(__file__).parent / "tree_filler.cpp").read_text()
    if not root.gInterpreter.Declare(code):
        raise DataError(
            "ROOT_UNUSABLE",
            "ROOT could not compile tree_filler.cpp (its messages are on standard error)",
            "ROOT needs c++ and the C++ and C headers at run time; on Debian: apt install g++",
        )
    return root


class TreeWriter:
    """One open file. `append` blocks in order, then `close`; what is written before `close` is not a valid file."""

    def __init__(self, path: Path, compression: int, cluster_events: int) -> None:
        self._path = path
        self._cluster_events = cluster_events
        self._filler = load_root().hepbench.TreeFiller(str(path), compression, cluster_events)
        self._types: dict[str, str] = {}
        if not self._filler.usable():
            raise self._failed()

    def append(self, block: Block) -> None:
        """Write all events of `block`."""
        columns = [(name, counter, np.ascontiguousarray(values)) for name, counter, values in block.columns()]
        if not self._types:
            self._book(columns, block.events)
        for number, (_, _, values) in enumerate(columns):
            self._filler.source(number, values.ctypes.data)
        if not self._filler.fill(block.events):
            raise self._failed()

    def close(self) -> tuple[dict[str, Column], int]:
        """Finish the file; the bytes of every column (from its baskets) and the number of clusters."""
        if not self._filler.write():
            raise self._failed()
        columns: dict[str, Column] = {
            name: {
                "type": kind,
                "compressedBytes": int(self._filler.compressed(number)),
                "uncompressedBytes": int(self._filler.uncompressed(number)),
            }
            for number, (name, kind) in enumerate(self._types.items())
        }
        clusters = int(self._filler.clusters())
        if not self._filler.close():
            raise self._failed()
        return columns, clusters

    def _book(self, columns: list[tuple[str, str, Any]], events: int) -> None:
        """Create the branches, each with a basket that holds one cluster."""
        positions = {name: number for number, (name, _, _) in enumerate(columns)}
        for name, counter, values in columns:
            leaf = f"{name}[{counter}]" if counter else name
            kind = LEAVES[values.dtype.name]
            per_event = values.nbytes / events + (4 if counter else 0)
            basket = min(int(1.2 * per_event * self._cluster_events) + 1000, LARGEST_BASKET)
            where = positions[counter] if counter else -1
            self._filler.add(name, f"{leaf}/{kind}", values.dtype.itemsize, where, basket)
            self._types[name] = f"{values.dtype.name}[{counter}]" if counter else values.dtype.name

    def _failed(self) -> DataError:
        if free_bytes(self._path.parent) < LITTLE_SPACE:
            return disk_full(self._path.parent, os.path.getsize(self._path) if self._path.exists() else 0)
        return DataError(
            "WRITE_FAILED",
            f"ROOT could not write {self._path.name} (its messages are on standard error)",
            "check the disk that holds --store",
        )
