"""The eight ADL queries by the letter of suites/adl/README.md, over raw arrays grouped by multiplicity."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from hepbench.reference.kinematics import ANGLE_SLACK, SLACK, Array, Vectors, combinations, delta_phi, rows, vectors
from hepbench.reference.tally import Axis, Tally

TOP_MASS, Z_MASS = 172.5, 91.2
MASS_WINDOW = (60.0, 120.0)
CONE = 0.4
LEPTON = ("pt", "eta", "phi", "mass", "charge")
CHUNK = 200_000  # combinations held at once
MET = Axis(100, 0.0, 200.0)
AXES = {
    "q1_met": MET,
    "q2_jet_pt": Axis(100, 15.0, 60.0),
    "q3_central_jet_pt": Axis(100, 15.0, 60.0),
    "q4_met_two_jets": MET,
    "q5_met_dimuon": MET,
    "q6_trijet_pt": Axis(100, 15.0, 40.0),
    "q6_trijet_btag": Axis(100, 0.0, 1.0),
    "q7_isolated_jet_sum": Axis(100, 15.0, 200.0),
    "q8_transverse_mass": Axis(100, 0.0, 200.0),
}
Columns = Mapping[str, Array]  # NanoAOD names; jagged columns concatenated, with their nX counters


def from_json(raw: Mapping[str, Any]) -> Tally:
    """The inverse of `Tally.to_json`."""
    return Tally.from_json(raw)


def tally(columns: Columns) -> Tally:
    """The histograms of these events; `columns` needs `event` and the columns that the definition lists."""
    counters = {name: columns[name].astype(np.int64) for name in ("nJet", "nMuon", "nElectron")}
    columns = {**columns, **counters}  # signed, whatever the file has: differences of them are taken
    out = Tally(AXES, len(columns["event"]))
    _stored(columns, out)
    _dimuon(columns, out)
    _trijet(columns, out)
    _isolated(columns, out)
    _transverse_mass(columns, out)
    return out


def _stored(columns: Columns, out: Tally) -> None:
    """Queries 1 to 4: stored quantities only, so nothing is ambiguous."""
    pt, counts = columns["Jet_pt"], columns["nJet"]
    out.fill("q1_met", columns["MET_pt"])
    out.fill("q2_jet_pt", pt)
    out.fill("q3_central_jet_pt", pt[np.abs(columns["Jet_eta"]) < 1])
    hard = np.bincount(_owners(counts)[pt > 40], minlength=len(counts))
    out.fill("q4_met_two_jets", columns["MET_pt"][hard >= 2])


def _owners(counts: Array) -> Array:
    return np.repeat(np.arange(len(counts)), counts)


def _vectors(columns: Columns, collection: str) -> Vectors:
    return vectors(*(columns[f"{collection}_{name}"] for name in ("pt", "eta", "phi", "mass")))


def _groups(counts: Array, least: int, size: int) -> Iterator[tuple[Array, Array, Array]]:
    """(events, positions (n, events), combinations (size, k)) for every multiplicity n >= least, in chunks."""
    for multiplicity in range(least, int(counts.max(initial=0)) + 1):
        events, positions = rows(counts, multiplicity)
        index = combinations(multiplicity, size)
        step = max(1, CHUNK // index.shape[1])
        for start in range(0, len(events), step):
            yield events[start : start + step], positions[:, start : start + step], index


def _dimuon(columns: Columns, out: Tally) -> None:
    """Query 5."""
    muons, charge = _vectors(columns, "Muon"), columns["Muon_charge"]
    low, high = MASS_WINDOW
    for events, positions, (i, j) in _groups(columns["nMuon"], 2, 2):
        each, sign, pt = muons.at(positions), charge[positions], columns["Muon_pt"][positions]
        mass, slack = (each.at(i) + each.at(j)).mass()
        # At rest the energy is the mass, and nothing is rounded.
        slack[(pt[i] == 0) & (pt[j] == 0)] = 0
        opposite = sign[i] != sign[j]
        met = columns["MET_pt"][events]
        out.fill("q5_met_dimuon", met[(opposite & (mass > low) & (mass < high)).any(axis=0)])
        surely = (opposite & (mass - slack > low) & (mass + slack < high)).any(axis=0)
        perhaps = (opposite & (mass + slack > low) & (mass - slack < high)).any(axis=0)
        for at in np.flatnonzero(perhaps & ~surely):
            out.doubt(columns["event"][events[at]], "q5_met_dimuon", [MET.bin(met[at])], "pair mass at a cut")


def _trijet(columns: Columns, out: Tally) -> None:
    """Query 6."""
    jets, btag, number = _vectors(columns, "Jet"), columns["Jet_btagCSVV2"], columns["event"]
    for events, positions, (i, j, k) in _groups(columns["nJet"], 3, 3):
        each, tags = jets.at(positions), btag[positions]
        trijet = each.at(i) + each.at(j) + each.at(k)
        mass, slack = trijet.mass()
        distance = np.abs(mass - TOP_MASS)
        best = distance.argmin(axis=0)  # the first of equals
        chosen = (best, np.arange(len(events)))
        pt, pt_slack = trijet.at(chosen).pt()
        out.fill_computed("q6_trijet_pt", pt, pt_slack, number[events])
        highest = np.fmax(np.fmax(tags[i[best], chosen[1]], tags[j[best], chosen[1]]), tags[k[best], chosen[1]])
        out.fill("q6_trijet_btag", highest)
        # Where two distances are the same to the last bit, which happens to mirror images and twins only, every program
        # finds the same tie, and the order decides.
        rivals = (distance - slack <= (distance + slack)[chosen]) & (distance != distance[chosen])
        for at in np.flatnonzero(rivals.any(axis=0)):
            tied = np.append(np.flatnonzero(rivals[:, at]), best[at])
            pts, tag = trijet.at((tied, at)).pt()[0], np.fmax.reduce([tags[x[tied], at] for x in (i, j, k)])
            for name, values in (("q6_trijet_pt", pts), ("q6_trijet_btag", tag)):
                bins = set(AXES[name].bin(values).tolist())
                out.doubt(number[events[at]], name, bins if len(bins) > 1 else (), "two trijets equally near the mass")


def _isolated(columns: Columns, out: Tally) -> None:
    """Query 7. The sum of float32 values is exact in float64, so only the cone cut can be ambiguous."""
    pt, owner = columns["Jet_pt"], _owners(columns["nJet"])
    hard = np.flatnonzero(pt > 30)
    near = np.zeros(len(hard), bool)
    doubtful = np.zeros(len(hard), bool)
    for collection in ("Muon", "Electron"):
        counts, lepton_pt = columns[f"n{collection}"], columns[f"{collection}_pt"]
        first = np.cumsum(counts) - counts
        for nth in range(int(counts.max(initial=0))):
            pair = np.flatnonzero(counts[owner[hard]] > nth)
            lepton, jet = first[owner[hard[pair]]] + nth, hard[pair]
            eta = columns["Jet_eta"][jet].astype(np.float64) - columns[f"{collection}_eta"][lepton]
            phi = delta_phi(columns["Jet_phi"][jet], columns[f"{collection}_phi"][lepton])
            distance, good = np.sqrt(eta * eta + phi * phi), lepton_pt[lepton] > 10
            near[pair] |= good & (distance < CONE)
            doubtful[pair] |= good & (np.abs(distance - CONE) <= ANGLE_SLACK)
    counts, kept = len(columns["nJet"]), hard[~near]
    total = np.bincount(owner[kept], weights=pt[kept], minlength=counts)
    out.fill("q7_isolated_jet_sum", total[np.bincount(owner[kept], minlength=counts) > 0])
    for event in np.unique(owner[hard[doubtful]]):
        mine = owner[hard] == event
        sums = _possible_sums(pt[hard[mine]], near[mine], doubtful[mine])
        bins = set(AXES["q7_isolated_jet_sum"].bin(sums).tolist())
        out.doubt(columns["event"][event], "q7_isolated_jet_sum", bins, "jet and lepton at the cone cut")


def _possible_sums(pt: Array, near: Array, doubtful: Array) -> list[float]:
    """Every sum that an event can give when each doubtful jet is in or out; a sum without jets fills nothing."""
    choices = [(False, True) if unsure else (not close,) for close, unsure in zip(near, doubtful, strict=True)]
    return [float(np.sum(pt[list(kept)], dtype=np.float64)) for kept in product(*choices) if any(kept)]


def _transverse_mass(columns: Columns, out: Tally) -> None:
    """Query 8."""
    muons, electrons = columns["nMuon"], columns["nElectron"]
    name = "q8_transverse_mass"
    for muon_count in range(int(muons.max(initial=0)) + 1):
        for events, positions, (i, j) in _groups(np.where(muons == muon_count, muons + electrons, 0), 3, 2):
            count = len(positions)
            kinematics = {key: _merged(columns, key, events, muon_count, count) for key in LEPTON}
            each = vectors(*(kinematics[key] for key in ("pt", "eta", "phi", "mass")))
            is_muon = np.arange(count) < muon_count
            allowed = (is_muon[i] == is_muon[j])[:, None] & (kinematics["charge"][i] != kinematics["charge"][j])
            mass, slack = (each.at(i) + each.at(j)).mass()
            # An allowed pair is nearer than one that is not, also where its mass is infinite.
            distance = np.where(allowed, np.fmin(np.abs(mass - Z_MASS), np.finfo(np.float64).max), np.inf)
            best, found = distance.argmin(axis=0), allowed.any(axis=0)
            met = columns["MET_pt"][events].astype(np.float64), columns["MET_phi"][events].astype(np.float64)
            value, error = _leading_other(kinematics, i[best], j[best], met)
            out.fill_computed(name, value[found], error[found], columns["event"][events[found]])
            chosen = (best, np.arange(len(events)))
            rivals = allowed & (distance - slack <= (distance + slack)[chosen]) & (distance != distance[chosen])
            for at in np.flatnonzero(rivals.any(axis=0)):
                one = {key: values[:, [at]] for key, values in kinematics.items()}
                values = [
                    _leading_other(one, i[[pair]], j[[pair]], (met[0][[at]], met[1][[at]]))[0][0]
                    for pair in [best[at], *np.flatnonzero(rivals[:, at])]
                ]
                bins = set(AXES[name].bin(values).tolist())
                why = "two pairs equally near the mass"
                out.doubt(columns["event"][events[at]], name, bins if len(bins) > 1 else (), why)


def _merged(columns: Columns, key: str, events: Array, muons: int, count: int) -> Array:
    """Column `key` of muons, then electrons, of `events`, shape (count, events)."""
    parts = []
    for collection, number in (("Muon", muons), ("Electron", count - muons)):
        counts = columns[f"n{collection}"]
        first = (np.cumsum(counts) - counts)[events]
        parts.append(columns[f"{collection}_{key}"][first[None, :] + np.arange(number)[:, None]])
    return np.concatenate(parts)


def _leading_other(leptons: Columns, i: Array, j: Array, met: tuple[Array, Array]) -> tuple[Array, Array]:
    """Transverse mass of MET and the hardest lepton outside the pair (i, j), and a bound on its rounding error."""
    at = np.arange(len(i))
    pt = leptons["pt"].astype(np.float64)
    pt[np.isnan(pt)] = pt[i, at] = pt[j, at] = -np.inf
    other = pt.argmax(axis=0)  # the first of equals
    phi = leptons["phi"][other, at].astype(np.float64) - met[1]
    scale = 2 * pt[other, at] * met[0]
    mass = np.sqrt(scale * (1 - np.cos(phi)))
    return mass, SLACK * scale / np.maximum(mass, np.sqrt(SLACK * scale) + 1e-300)
