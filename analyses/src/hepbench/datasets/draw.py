"""Random values from counter-based raw bits through quantile tables.

Only `random_raw` of Philox is used, whose stream numpy guarantees; the distribution methods of numpy.random may change
between versions. A table holds the quantiles of a distribution at equal steps of probability, so that drawing is one
look-up: 65,536 entries are addressed by 16 random bits, 256 entries by 8.
"""

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

FINE, COARSE = 65_536, 256
STREAMS = 64
Array = np.ndarray[Any, Any]


class Bits:
    """The raw random bits of one stream of one block, read in order."""

    def __init__(self, seed: int, block: int, stream: int) -> None:
        self._source = np.random.Philox(key=np.array([seed, block * STREAMS + stream], np.uint64))

    def words(self, count: int, dtype: Any) -> Array:
        """The next `count` unsigned integers of `dtype` (whole 64-bit words are consumed)."""
        per_word = 8 // np.dtype(dtype).itemsize
        return self._source.random_raw(-(-count // per_word)).view(dtype)[:count]

    def draw(self, table: Array, count: int) -> Array:
        """`count` values of the distribution whose quantiles are `table`."""
        return table.take(self.words(count, np.uint16 if len(table) == FINE else np.uint8), mode="clip")

    def angle(self, count: int) -> Array:
        """`count` azimuths in radians, uniform in [-pi, pi), as float32 with a full mantissa."""
        return (self.words(count, np.uint32) * (2 * np.pi / 2**32) - np.pi).astype(np.float32)


def truncate(values: Array, bits: int) -> Array:
    """float32 with `bits` explicit mantissa bits, rounded half up in magnitude, as NanoAOD stores it."""
    shift = 23 - bits
    words = np.ascontiguousarray(values, np.float32).view(np.uint32)
    mask = np.uint32((0xFFFFFFFF << shift) & 0xFFFFFFFF)
    return ((words + np.uint32(1 << (shift - 1))) & mask).view(np.float32)


def steps(size: int) -> Array:
    """The `size` probabilities in the middle of equal steps of (0, 1)."""
    return (np.arange(size) + 0.5) / size


@lru_cache
def _normal(size: int) -> Array:
    inverse = NormalDist().inv_cdf
    return np.array([inverse(p) for p in steps(size).tolist()])


def normal(mean: float, sigma: float, bits: int, clip: float = 1e9, size: int = FINE) -> Array:
    """Table of a Gaussian cut at `mean` +- `clip`, with `bits` mantissa bits."""
    return truncate(mean + (sigma * _normal(size)).clip(-clip, clip), bits)


def uniform(low: float, high: float, bits: int, size: int = FINE) -> Array:
    """Table of a uniform distribution, with `bits` mantissa bits."""
    return truncate(low + (high - low) * steps(size), bits)


def tail(start: float, scale: float, bits: int, power: float = 1.0, size: int = FINE) -> Array:
    """Table of start + scale * x**power with x exponential (power 1.2 gives the tail of a jet spectrum)."""
    return truncate(start + scale * (-np.log(1 - steps(size))) ** power, bits)


def peaked(low: float, high: float, power: float, bits: int, size: int = COARSE) -> Array:
    """Table of low + (high - low) * u**power: peaked at `low` when power > 1."""
    return truncate(low + (high - low) * steps(size) ** power, bits)


def mixture(*parts: tuple[int, Array]) -> Array:
    """Table made of other tables of one size with integer weights, by interleaving them."""
    pattern = [number for number, (weight, _) in enumerate(parts) for _ in range(weight)]
    size = len(parts[0][1])
    which = np.resize(np.array(pattern), size)
    entry = (np.arange(size) // len(pattern)) * len(pattern)
    return np.stack([table for _, table in parts])[which, entry].copy()


def choice(values: Sequence[int], weights: Sequence[float], dtype: Any = np.int32) -> Array:
    """Coarse table of the integers or booleans `values` with relative `weights`."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.array(values, dtype)[np.searchsorted(edges, steps(COARSE))]


def poisson(mean: float, shift: int, most: int) -> Array:
    """Table of shift + Poisson(mean), at most `most`, as int32."""
    probability, cumulative = np.exp(-mean), []
    for count in range(most + 1):
        cumulative.append(probability + (cumulative[-1] if cumulative else 0.0))
        probability *= mean / (count + 1)
    counts = np.searchsorted(np.array(cumulative), steps(FINE)) + shift
    return counts.clip(0, most).astype(np.int32)
