"""Flat float64 arrays of one chunk of events: four-vectors and pairs of a collection, without awkward's overhead."""

from functools import cached_property
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
TINY = float(np.finfo(np.float64).tiny)


class Vectors(NamedTuple):
    """px, py, pz and E in GeV, float64, all of one shape."""

    x: Array
    y: Array
    z: Array
    e: Array

    def at(self, index: Any) -> "Vectors":
        """The vectors at `index` of the first axis."""
        return Vectors(*(component[index] for component in self))

    def plus(self, other: "Vectors") -> "Vectors":
        """Component-wise sums."""
        return Vectors(*(one + two for one, two in zip(self, other, strict=True)))

    def into_mass(self) -> Array:
        """The mass in GeV; uses up the components as working space."""
        squared = self.e
        squared *= squared
        for component in self[:3]:
            component *= component
            squared -= component
        np.fmax(squared, 0.0, out=squared)  # of a number that is not one, 0
        return np.sqrt(squared, out=squared)


def sinh_cosh(x: Array) -> tuple[Array, Array]:
    """sinh and cosh to the last bit as the C library has them, and so RDataFrame; numpy's own real ones may differ.

    sinh(x + iy) = sinh x cos y + i cosh x sin y; y is the smallest normal number, so cos y = 1 and sin y = y exactly.
    """
    argument: Any = np.empty(len(x), np.complex128)
    argument.real, argument.imag = x, TINY
    result = np.sinh(argument)
    return result.real, result.imag / TINY


def azimuth(one: Array, two: Array) -> Array:
    """one - two brought to [-pi, pi) by adding or subtracting 2 pi."""
    difference = one - two
    difference[difference >= np.pi] -= 2 * np.pi
    difference[difference < -np.pi] += 2 * np.pi
    return difference


def spread(counts: Array) -> Array:
    """0, 1, .. counts[0] - 1, 0, 1, .. counts[1] - 1, and so on."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


class Collection:
    """The objects of one kind in a chunk, concatenated; read and computed when first asked for."""

    def __init__(self, events: Any, kind: str) -> None:
        self._events, self._kind = events, kind
        self._columns: dict[str, Array] = {}

    @cached_property
    def counts(self) -> Array:
        """Objects of every event."""
        return ak.to_numpy(self._events[f"n{self._kind}"]).astype(np.int64)

    @cached_property
    def owner(self) -> Array:
        """The event of every object, counted from the start of the chunk."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def stored(self, name: str) -> Array:
        """One column as stored."""
        if name not in self._columns:
            self._columns[name] = ak.to_numpy(ak.flatten(self._events[f"{self._kind}_{name}"], axis=1))
        return self._columns[name]

    def double(self, name: str) -> Array:
        """One column as float64."""
        return self.stored(name).astype(np.float64)

    @cached_property
    def vectors(self) -> Vectors:
        """The four-vectors of all objects."""
        pt, phi, mass = self.double("pt"), self.double("phi"), self.double("mass")
        sinh, cosh = sinh_cosh(self.double("eta"))
        cosh *= pt
        cosh *= cosh
        mass *= mass
        cosh += mass
        return Vectors(pt * np.cos(phi), pt * np.sin(phi), pt * sinh, np.sqrt(cosh))

    @cached_property
    def opposite_pairs(self) -> tuple[Array, Array, Array]:
        """(i, j, mass in GeV) of all pairs of opposite charge within an event, in lexicographic order."""
        partners = np.repeat(self.counts, self.counts) - 1 - spread(self.counts)
        first = np.repeat(np.arange(len(partners)), partners)
        second = first + 1 + spread(partners)
        charge = self.stored("charge")
        opposite = charge[first] != charge[second]
        first, second = first[opposite], second[opposite]
        return first, second, self.vectors.at(first).plus(self.vectors.at(second)).into_mass()
