"""One-dimensional histograms as both backends share them: binned by ROOT's formula, with flow bins and sumw2."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Definition:
    """`bins` equal bins over [lo, hi), in the unit of the quantity that is filled."""

    name: str
    title: str
    bins: int
    lo: float
    hi: float

    @property
    def model(self) -> tuple[str, str, int, float, float]:
        """The arguments of ROOT's TH1D constructor and of Histo1D."""
        return (self.name, self.title, self.bins, self.lo, self.hi)

    def indices(self, x: ArrayLike) -> Array:
        """The bin of every entry: 0 is underflow, `bins` + 1 overflow. NaN overflows, as in ROOT."""
        values = np.asarray(x, np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = values - self.lo
            scaled *= self.bins
            scaled /= self.hi - self.lo
        np.copyto(scaled, self.bins, where=~(values < self.hi))
        np.copyto(scaled, -1.0, where=values < self.lo)
        indices = scaled.astype(np.int64)
        indices += 1
        return indices

    def fill(self, x: ArrayLike, weight: ArrayLike | None = None) -> "Histogram":
        """A new histogram with one entry for each of `x`, of weight 1 unless given."""
        indices, length = self.indices(x), self.bins + 2
        if weight is None:
            values = np.bincount(indices, minlength=length).astype(np.float64)
            return Histogram(self, values, values.copy())
        weights = np.broadcast_to(np.asarray(weight, np.float64), indices.shape)
        return Histogram(
            self,
            np.bincount(indices, weights, minlength=length),
            np.bincount(indices, weights * weights, minlength=length),
        )


@dataclass(frozen=True, eq=False)
class Histogram:
    """`bins` + 2 sums of weights (underflow, bins, overflow) and sums of squared weights."""

    definition: Definition
    values: Array
    sumw2: Array

    def __add__(self, other: "Histogram") -> "Histogram":
        if self.definition != other.definition:
            raise ValueError(f"cannot add {other.definition} to {self.definition}")
        return Histogram(self.definition, self.values + other.values, self.sumw2 + other.sumw2)

    def arrays(self) -> dict[str, Array]:
        """What coffea's accumulators can add up: the two arrays, not shared with anything."""
        return {"values": self.values.copy(), "sumw2": self.sumw2.copy()}

    @classmethod
    def from_arrays(cls, definition: Definition, arrays: Mapping[str, Any]) -> "Histogram":
        """The inverse of `arrays`."""
        return cls(definition, np.asarray(arrays["values"], np.float64), np.asarray(arrays["sumw2"], np.float64))

    @classmethod
    def from_root(cls, definition: Definition, root: Any) -> "Histogram":
        """A copy of a ROOT TH1D. One without a Sumw2 array only ever had weights of 1, so its sumw2 are its values."""
        axis = root.GetXaxis()
        found = (root.GetNbinsX(), axis.GetXmin(), axis.GetXmax())
        if found != (definition.bins, definition.lo, definition.hi):
            raise ValueError(f"{root.GetName()} has bins {found}, but {definition} is wanted")
        length = definition.bins + 2
        values = np.array(np.frombuffer(root.GetArray(), np.float64, length))
        squares = root.GetSumw2()
        sumw2 = np.array(np.frombuffer(squares.GetArray(), np.float64, length)) if squares.GetSize() else values.copy()
        return cls(definition, values, sumw2)

    def to_json(self) -> dict[str, Any]:
        """The `Histogram` of the journal (core/model/event.ts)."""
        return {**asdict(self.definition), "values": _contents(self.values), "sumw2": _contents(self.sumw2)}


def _contents(values: Array) -> list[float | str]:
    """JSON has no number for what is not finite: it is text, and the comparison with the truth names its bin."""
    return [float(value) if np.isfinite(value) else _name(value) for value in values]


def _name(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
