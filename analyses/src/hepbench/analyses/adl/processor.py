"""The ADL queries for coffea: NanoEvents reads the columns, numpy works on their flat contents."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from coffea.processor import ProcessorABC

from hepbench.analyses import require_columns
from hepbench.analyses.adl.arrays import Array, Collection, azimuth, spread
from hepbench.analyses.adl.definition import columns_of, definition
from hepbench.analyses.adl.trijet import nearest_trijets

Z_MASS, CONE = 91.2, 0.4


class Processor(ProcessorABC):
    """Some of the queries; answers {events, histograms: {name: {values, sumw2}}}, which coffea can add up."""

    def __init__(self, queries: tuple[str, ...]) -> None:
        self.queries = queries

    def process(self, events: Any) -> Any:
        """The answer for one chunk."""
        require_columns(columns_of(self.queries), events.fields, events.metadata["filename"])
        chunk = Chunk(events)
        filled: dict[str, Any] = {}
        for query in self.queries:
            for name, entries in _FILL[query](chunk).items():
                filled[name] = definition(name).fill(entries).arrays()
        return {"events": len(events), "histograms": filled}

    def postprocess(self, accumulator: Any) -> Any:
        """Nothing is left to do."""
        return accumulator


class Chunk:
    """The events of one chunk; columns are read when first asked for."""

    def __init__(self, events: Any) -> None:
        self._events = events
        self.jets, self.muons, self.electrons = (Collection(events, kind) for kind in ("Jet", "Muon", "Electron"))

    def __len__(self) -> int:
        return len(self._events)

    @cached_property
    def met(self) -> Array:
        """MET_pt in GeV."""
        return np.asarray(self._events.MET_pt)

    @cached_property
    def met_phi(self) -> Array:
        """MET_phi in radians."""
        return np.asarray(self._events.MET_phi)


Filled = dict[str, Array]


def _query1(chunk: Chunk) -> Filled:
    return {"q1_met": chunk.met}


def _query2(chunk: Chunk) -> Filled:
    return {"q2_jet_pt": chunk.jets.stored("pt")}


def _query3(chunk: Chunk) -> Filled:
    return {"q3_central_jet_pt": chunk.jets.stored("pt")[np.abs(chunk.jets.stored("eta")) < 1]}


def _query4(chunk: Chunk) -> Filled:
    hard = np.bincount(chunk.jets.owner[chunk.jets.stored("pt") > 40], minlength=len(chunk))
    return {"q4_met_two_jets": chunk.met[hard >= 2]}


def _query5(chunk: Chunk) -> Filled:
    first, _, mass = chunk.muons.opposite_pairs
    passed = np.zeros(len(chunk), bool)
    passed[chunk.muons.owner[first[(mass > 60) & (mass < 120)]]] = True
    return {"q5_met_dimuon": chunk.met[passed]}


def _query6(chunk: Chunk) -> Filled:
    pt, btag = nearest_trijets(chunk.jets)
    return {"q6_trijet_pt": pt, "q6_trijet_btag": btag}


def _query7(chunk: Chunk) -> Filled:
    jets = chunk.jets
    hard = np.flatnonzero(jets.stored("pt") > 30)
    near = _near(jets, hard, chunk.muons) | _near(jets, hard, chunk.electrons)
    kept = hard[~near]
    owner = jets.owner[kept]
    # bincount adds up one by one in the order of the jets.
    total = np.bincount(owner, weights=jets.stored("pt")[kept], minlength=len(chunk))
    return {"q7_isolated_jet_sum": total[np.bincount(owner, minlength=len(chunk)) > 0]}


def _near(jets: Collection, hard: Array, leptons: Collection) -> Array:
    """Which of the jets `hard` have one of `leptons` with pt > 10 within the cone."""
    good = np.flatnonzero(leptons.stored("pt") > 10)
    counts = np.bincount(leptons.owner[good], minlength=len(leptons.counts))
    partners = counts[jets.owner[hard]]
    pair = np.repeat(np.arange(len(hard)), partners)
    jet = hard[pair]
    lepton = good[(np.cumsum(counts) - counts)[jets.owner[jet]] + spread(partners)]
    eta = jets.double("eta")[jet] - leptons.double("eta")[lepton]
    phi = azimuth(jets.double("phi")[jet], leptons.double("phi")[lepton])
    near = np.zeros(len(hard), bool)
    near[pair[np.sqrt(eta * eta + phi * phi) < CONE]] = True
    return near


def _query8(chunk: Chunk) -> Filled:
    muons, electrons = chunk.muons, chunk.electrons
    enough = muons.counts + electrons.counts >= 3
    event, pair = _nearest_pairs(muons, electrons, enough)
    # All leptons of the events with a pair, muons before electrons, but for those in the pair.
    wanted = np.zeros(len(chunk), bool)
    wanted[event] = True
    owner = np.concatenate([muons.owner, electrons.owner])
    free = wanted[owner]
    free[pair] = False
    other = np.flatnonzero(free)
    pt, phi = (np.concatenate([muons.stored(name), electrons.stored(name)])[other] for name in ("pt", "phi"))
    leading = _first_of_each(owner[other], -pt)
    event, pt, phi = owner[other][leading], pt[leading].astype(np.float64), phi[leading].astype(np.float64)
    angle = azimuth(phi, chunk.met_phi[event].astype(np.float64))
    return {"q8_transverse_mass": np.sqrt(2 * pt * chunk.met[event].astype(np.float64) * (1 - np.cos(angle)))}


def _nearest_pairs(muons: Collection, electrons: Collection, enough: Array) -> tuple[Array, Array]:
    """(event, positions in muons then electrons, shape (2, events)) of the pairs with mass closest to the Z's."""
    events, firsts, seconds, distances = [], [], [], []
    for leptons, offset in ((muons, 0), (electrons, len(muons.owner))):
        first, second, mass = leptons.opposite_pairs
        used = enough[leptons.owner[first]]
        events.append(leptons.owner[first[used]])
        firsts.append(first[used] + offset)
        seconds.append(second[used] + offset)
        distances.append(np.abs(mass[used] - Z_MASS))
    event = np.concatenate(events)
    best = _first_of_each(event, np.concatenate(distances))
    return event[best], np.stack([np.concatenate(firsts)[best], np.concatenate(seconds)[best]])


def _first_of_each(event: Array, value: Array) -> Array:
    """The index of the smallest `value` of each event, of equals the first."""
    order = np.lexsort((value, event))  # stable
    ordered = event[order]
    return order[np.flatnonzero(np.diff(ordered, prepend=-1))]


_FILL: dict[str, Callable[[Chunk], Filled]] = {
    "1": _query1,
    "2": _query2,
    "3": _query3,
    "4": _query4,
    "5": _query5,
    "6": _query6,
    "7": _query7,
    "8": _query8,
}
