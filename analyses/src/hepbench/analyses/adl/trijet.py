"""Query 6 on arrays: the trijet with mass closest to that of the top quark, for all events of one jet multiplicity."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

import numpy as np

from hepbench.analyses.adl.arrays import Array, Collection, Vectors

TOP_MASS = 172.5
BLOCK = 20_000  # trijets held at once: four such arrays stay in a core's cache


def nearest_trijets(jets: Collection) -> tuple[Array, Array]:
    """(pt in GeV, largest b-tag) of the trijet with mass closest to 172.5 GeV, one for each event with three jets."""
    vectors, btag = jets.vectors, jets.stored("btagCSVV2")
    pts, tags = [np.empty(0)], [np.empty(0, btag.dtype)]
    for positions in _blocks(jets.counts):
        best = _triples(len(positions))[:, _nearest(vectors.at(positions))]
        i, j, k = np.take_along_axis(positions, best, axis=0)
        x, y = (component[i] + component[j] + component[k] for component in vectors[:2])
        pts.append(np.sqrt(x * x + y * y))
        tags.append(np.fmax(np.fmax(btag[i], btag[j]), btag[k]))
    return np.concatenate(pts), np.concatenate(tags)


def _blocks(counts: Array) -> Iterator[Array]:
    """Positions of jets, shape (multiplicity, events), of at most BLOCK trijets."""
    first = np.cumsum(counts) - counts
    for multiplicity in range(3, int(counts.max(initial=0)) + 1):
        starts = first[counts == multiplicity]
        step = max(1, BLOCK // _triples(multiplicity).shape[1])
        for begin in range(0, len(starts), step):
            yield starts[begin : begin + step] + np.arange(multiplicity)[:, None]


@lru_cache
def _triples(multiplicity: int) -> Array:
    """Indices i < j < k in lexicographic order, shape (3, triples)."""
    return np.array(list(combinations(range(multiplicity), 3))).T


def _nearest(jets: Vectors) -> Array:
    """For each event the number of the first trijet nearest to the top mass; `jets` is (multiplicity, events)."""
    distance = Vectors(*map(_sums, jets)).into_mass()
    distance -= TOP_MASS
    np.abs(distance, out=distance)
    triple, event = np.nonzero(distance == distance.min(axis=0))
    best = np.empty(distance.shape[1], np.intp)
    best[event[::-1]] = triple[::-1]  # of equals the first is written last
    return best


def _sums(component: Array) -> Array:
    """Sums over all triples, shape (triples, events), in lexicographic order and added from the left."""
    count, events = component.shape
    sums, at = np.empty((_triples(count).shape[1], events)), 0
    for i in range(count - 2):
        pairs = component[i] + component[i + 1 :]
        for j in range(i + 1, count - 1):
            np.add(pairs[j - i - 1], component[j + 1 :], out=sums[at : at + count - 1 - j])
            at += count - 1 - j
    return sums
