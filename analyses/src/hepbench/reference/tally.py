"""Histograms that can be added up, and the list of entries on which two correct programs may disagree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from hepbench.reference.kinematics import Array


class Axis(NamedTuple):
    """Equal bins from `lo` to `hi`; bin 0 is the underflow and bin `bins` + 1 the overflow."""

    bins: int
    lo: float
    hi: float

    def bin(self, values: Any) -> Array:
        """The bins of `values`, in float64 and in the order of the definition."""
        x = np.asarray(values, np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            inside = 1 + np.floor(self.bins * (x - self.lo) / (self.hi - self.lo)).clip(-1, self.bins).astype(np.int64)
        return np.where(x < self.lo, 0, np.where(x < self.hi, inside, self.bins + 1))


@dataclass
class Tally:
    """Counts per histogram (weight 1, so that values and sumw2 are equal) and the ambiguous entries."""

    axes: Mapping[str, Axis]
    events: int = 0
    counts: dict[str, Array] = field(default_factory=dict)
    ambiguous: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, axis in self.axes.items():
            self.counts.setdefault(name, np.zeros(axis.bins + 2, np.int64))

    def fill(self, name: str, values: Any) -> None:
        """Add an entry for each of `values`."""
        axis = self.axes[name]
        self.counts[name] += np.bincount(axis.bin(values), minlength=axis.bins + 2)

    def doubt(self, event: Any, name: str, bins: Any, why: str) -> None:
        """Note that the contents of `bins` may differ by this event; nothing is noted when no bin can."""
        touched = sorted({int(number) for number in bins})
        if touched:
            self.ambiguous.append({"event": int(event), "histogram": name, "bins": touched, "why": why})

    def fill_computed(self, name: str, values: Array, slack: Array, events: Array) -> None:
        """`fill` with computed values; those within `slack` of a bin edge are noted as ambiguous."""
        self.fill(name, values)
        low, high = self.axes[name].bin(values - slack), self.axes[name].bin(values + slack)
        for at in np.flatnonzero(low != high):
            self.doubt(events[at], name, range(low[at], high[at] + 1), "value at a bin edge")

    def add(self, other: "Tally") -> None:
        """Add the entries of `other`."""
        self.events += other.events
        for name, counts in other.counts.items():
            self.counts[name] += counts
        self.ambiguous += other.ambiguous

    def to_json(self) -> dict[str, Any]:
        """{events, histograms, ambiguous} with plain numbers; ambiguous entries in order of event and histogram."""
        histograms = {
            name: {**axis._asdict(), "values": self.counts[name].tolist(), "sumw2": self.counts[name].tolist()}
            for name, axis in self.axes.items()
        }
        ordered = sorted(self.ambiguous, key=lambda entry: (entry["event"], entry["histogram"], entry["why"]))
        return {"events": self.events, "histograms": histograms, "ambiguous": ordered}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Tally":
        """The inverse of `to_json`."""
        histograms = raw["histograms"]
        axes = {name: Axis(h["bins"], h["lo"], h["hi"]) for name, h in histograms.items()}
        counts = {name: np.array(h["values"], np.int64) for name, h in histograms.items()}
        return cls(axes, raw["events"], counts, list(raw["ambiguous"]))
