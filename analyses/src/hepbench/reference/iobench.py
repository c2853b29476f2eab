"""Of every column the sum of its bits modulo 2^32 and the number of its values, as suites/iobench/README.md has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hepbench.reference.kinematics import Array

MODULUS = 2**32


@dataclass
class Checksums:
    """{column: [sum, values]} of some events."""

    events: int = 0
    columns: dict[str, list[int]] = field(default_factory=dict)

    def add(self, other: "Checksums") -> None:
        """Adds the events of `other`."""
        self.events += other.events
        for name, (total, values) in other.columns.items():
            mine = self.columns.get(name, [0, 0])
            self.columns[name] = [(mine[0] + total) % MODULUS, mine[1] + values]

    def to_json(self) -> dict[str, Any]:
        """{events, histograms, ambiguous}: for each column a histogram of one bin, its sumw2 the number of values."""
        histograms = {
            name: {"bins": 1, "lo": 0, "hi": 1, "values": [0, total, 0], "sumw2": [0, values, 0]}
            for name, (total, values) in self.columns.items()
        }
        return {"events": self.events, "histograms": histograms, "ambiguous": []}


def tally(columns: Mapping[str, Array]) -> Checksums:
    """The checksums of these events; jagged columns are concatenated."""
    return Checksums(len(columns["event"]), {name: [_sum(values), len(values)] for name, values in columns.items()})


def _sum(values: Array) -> int:
    """A value of 8 bytes is two words of 4."""
    words = np.ascontiguousarray(values).view(f"u{min(values.itemsize, 4)}")
    return int(words.sum(dtype=np.uint64)) % MODULUS


def from_json(raw: Mapping[str, Any]) -> Checksums:
    """The inverse of `to_json`."""
    found = raw["histograms"].items()
    return Checksums(raw["events"], {name: [one["values"][1], one["sumw2"][1]] for name, one in found})
