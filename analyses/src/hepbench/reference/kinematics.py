"""Four-vectors in float64 with a bound on the rounding error of everything computed from them.

Two correct programs may differ in the last bits: mathematical libraries differ by a few units in the last place (ulp),
and E^2 - p^2 cancels. `SLACK` is 16 ulp, used at the scale of the largest intermediate value; it is wider than 4 ulp of
the result, so whatever two faithful implementations decide differently lies within it.
"""

from dataclasses import dataclass
from itertools import combinations as choose
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SLACK = 16 * float(np.finfo(np.float64).eps)
ANGLE_SLACK = SLACK * np.pi  # of an azimuth difference, after adding 2 pi


@dataclass(frozen=True)
class Vectors:
    """px, py, pz and E in GeV, float64, all of one shape."""

    px: Array
    py: Array
    pz: Array
    e: Array

    def at(self, index: Any) -> "Vectors":
        """The vectors at `index` of the first axis."""
        return Vectors(self.px[index], self.py[index], self.pz[index], self.e[index])

    def __add__(self, other: "Vectors") -> "Vectors":
        return Vectors(self.px + other.px, self.py + other.py, self.pz + other.pz, self.e + other.e)

    def mass(self) -> tuple[Array, Array]:
        """The mass in GeV and a bound on its rounding error."""
        squared = self.e * self.e - self.px * self.px - self.py * self.py - self.pz * self.pz
        mass = np.sqrt(np.fmax(squared, 0.0))
        uncertain = SLACK * self.e * self.e
        return mass, uncertain / np.maximum(mass, np.sqrt(uncertain)) + SLACK * mass

    def pt(self) -> tuple[Array, Array]:
        """The transverse momentum in GeV and a bound on its rounding error (components are at most E)."""
        return np.sqrt(self.px * self.px + self.py * self.py), SLACK * self.e


def vectors(pt: Array, eta: Array, phi: Array, mass: Array) -> Vectors:
    """Four-vectors from stored float32 columns."""
    pt, eta, phi, mass = (np.asarray(values, np.float64) for values in (pt, eta, phi, mass))
    transverse = pt * np.cosh(eta)
    return Vectors(
        pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), np.sqrt(transverse * transverse + mass * mass)
    )


def delta_phi(one: Array, two: Array) -> Array:
    """one - two brought to [-pi, pi) by adding or subtracting 2 pi, in float64."""
    difference = np.asarray(one, np.float64) - np.asarray(two, np.float64)
    difference = np.where(difference >= np.pi, difference - 2 * np.pi, difference)
    return np.where(difference < -np.pi, difference + 2 * np.pi, difference)


def rows(counts: Array, multiplicity: int) -> tuple[Array, Array]:
    """Events with exactly `multiplicity` objects, and the positions of their objects, shape (multiplicity, events)."""
    events = np.flatnonzero(counts == multiplicity)
    first = (np.cumsum(counts) - counts)[events]
    return events, first[None, :] + np.arange(multiplicity)[:, None]


def combinations(count: int, size: int) -> Array:
    """Index combinations in lexicographic order, shape (size, combinations)."""
    return np.array(list(choose(range(count), size)), np.int64).reshape(-1, size).T
