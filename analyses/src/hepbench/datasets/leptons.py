"""Muons and electrons: soft leptons of every process, and pairs from a Z planted in a share of the Drell-Yan events."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hepbench.datasets.draw import FINE, Array, Bits, choice, normal, steps, tail, truncate, uniform

Z_MASS, Z_WIDTH, RESOLUTION = 91.1876, 2.4952, 1.3


@dataclass(frozen=True)
class Species:
    """One kind of lepton: mass in GeV, threshold and slope of the pt spectrum in GeV, acceptance in |eta|."""

    mass: float
    threshold: float
    slope: float
    acceptance: float


MUON = Species(mass=0.10571289, threshold=3.0, slope=21.0, acceptance=2.4)
ELECTRON = Species(mass=0.00051100, threshold=5.0, slope=19.0, acceptance=2.5)


@lru_cache
def _soft_tables(species: Species) -> tuple[Array, Array, Array]:
    spread = normal(0, 1.2, 20, clip=species.acceptance)
    return tail(species.threshold, species.slope, 20), spread, choice((-1, 1), (1, 1))


@lru_cache
def _z_tables() -> tuple[Array, Array, Array, Array]:
    width = Z_MASS + Z_WIDTH / 2 * np.tan(np.pi * (steps(FINE) - 0.5) * 0.97)
    return width.clip(40, 250), normal(0, 1, 20), uniform(0.6, 1.0, 20), choice((-1, 1), (1, 1))


def _pairs(bits: Bits, species: Species, count: int) -> tuple[Array, Array, Array, Array]:
    """(2, count) pt in GeV, eta, phi and charge of massless pairs with the mass of a Z, leading lepton first."""
    width, gauss, share, sign = _z_tables()
    mass = bits.draw(width, count) + RESOLUTION * bits.draw(gauss, count).astype(np.float64)
    eta = (1.05 * bits.draw(gauss, 2 * count).reshape(2, count)).clip(-species.acceptance, species.acceptance)
    phi = bits.angle(count).astype(np.float64)
    opening = np.pi - np.abs(0.35 * bits.draw(gauss, count))
    other = phi + opening
    other = np.where(other >= np.pi, other - 2 * np.pi, other)
    ratio = bits.draw(share, count).astype(np.float64)
    leading = mass / np.sqrt(2 * ratio * (np.cosh((eta[0] - eta[1]).astype(np.float64)) - np.cos(opening)))
    charge = bits.draw(sign, count)
    return np.stack([leading, leading * ratio]), eta, np.stack([phi, other]), np.stack([charge, -charge])


def leptons(bits: Bits, species: Species, counts: Array, planted: Array) -> tuple[Array, dict[str, Array]]:
    """Counts and {pt, eta, phi, mass, charge}, sorted by descending pt; events in `planted` get a Z pair more."""
    counts = (counts + 2 * planted).astype(np.int32)
    total = int(counts.sum())
    spectrum, spread, sign = _soft_tables(species)
    pt = bits.draw(spectrum, total)
    eta = bits.draw(spread, total)
    phi = bits.angle(total)
    charge = bits.draw(sign, total)
    first = (np.cumsum(counts) - counts)[planted]
    pair = np.stack([first, first + 1])
    pt[pair], eta[pair], phi[pair], charge[pair] = _pairs(bits, species, len(first))
    pt, eta, phi = truncate(pt, 12), truncate(eta, 12), truncate(phi, 12)
    order = descending(counts, pt)
    mass = np.full(total, species.mass, np.float32)
    return counts, {"pt": pt[order], "eta": eta[order], "phi": phi[order], "mass": mass, "charge": charge[order]}


def sort_keys(counts: Array, pt: Array) -> Array:
    """uint64 keys that sort by event, then by descending positive float32 pt."""
    event = np.repeat(np.arange(len(counts), dtype=np.uint64), counts)
    return (event << np.uint64(32)) | (~pt.view(np.uint32)).astype(np.uint64)


def descending(counts: Array, pt: Array) -> Array:
    """The stable order that sorts the objects of every event by descending pt."""
    return np.argsort(sort_keys(counts, pt), kind="stable")


def sorted_descending(counts: Array, pt: Array) -> Array:
    """The pt of every event in descending order (for columns that are drawn independently of pt)."""
    keys = sort_keys(counts, pt)
    keys.sort()
    return (~keys.astype(np.uint32)).view(np.float32)
