"""Bytes through read and write calls, and from and to the block layer."""

from __future__ import annotations

from hepbench.agent.sources.source import Values
from hepbench.agent.text import table_of, text_of


class Io:
    """Of the process."""

    names = ("rchar_bytes_total", "wchar_bytes_total", "block_read_bytes_total", "block_write_bytes_total")

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self) -> Values:
        """In bytes."""
        io = table_of(text_of(f"{self._root}/proc/self/io"))
        return {
            "rchar_bytes_total": io["rchar"],
            "wchar_bytes_total": io["wchar"],
            "block_read_bytes_total": io["read_bytes"],
            "block_write_bytes_total": io["write_bytes"],
        }
