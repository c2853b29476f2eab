"""The numpy reference against a slow transcription of suites/adl/README.md, and what it calls ambiguous."""

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepbench.datasets.content import make_block
from hepbench.reference import adl
from hepbench.reference.tally import Axis, Tally

EVENTS = 2_000
Particle = tuple[Any, ...]


def columns_of(seed: int, events: int) -> dict[str, Any]:
    return {name: values for name, _, values in make_block(seed, 0).cut(0, events).columns()}


def events_of(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """One plain dictionary of Python numbers per event."""
    out = []
    place = {"Jet": 0, "Muon": 0, "Electron": 0}
    for number in range(len(columns["event"])):
        event: dict[str, Any] = {"met": float(columns["MET_pt"][number]), "phi": float(columns["MET_phi"][number])}
        for collection in place:
            start, count = place[collection], int(columns[f"n{collection}"][number])
            keys = ["pt", "eta", "phi", "mass", "btagCSVV2" if collection == "Jet" else "charge"]
            parts = [columns[f"{collection}_{key}"][start : start + count].tolist() for key in keys]
            event[collection] = list(zip(*parts, strict=True))
            place[collection] += count
        out.append(event)
    return out


def p4(particle: Particle) -> Particle:
    pt, eta, phi, mass = particle[:4]
    energy = math.sqrt((pt * math.cosh(eta)) ** 2 + mass**2)
    return pt * math.cos(phi), pt * math.sin(phi), pt * math.sinh(eta), energy


def total(particles: list[Particle]) -> Particle:
    out = p4(particles[0])
    for particle in particles[1:]:
        out = tuple(a + b for a, b in zip(out, p4(particle), strict=True))
    return out


def mass_of(particles: list[Particle]) -> float:
    px, py, pz, energy = total(particles)
    return math.sqrt(max(0.0, energy**2 - px**2 - py**2 - pz**2))


def bin_of(x: float, axis: Axis) -> int:
    if x < axis.lo:
        return 0
    return axis.bins + 1 if x >= axis.hi else 1 + math.floor(axis.bins * (x - axis.lo) / (axis.hi - axis.lo))


def in_cone(one: Particle, two: Particle) -> bool:
    dphi = one[2] - two[2]
    if dphi >= math.pi:
        dphi -= 2 * math.pi
    elif dphi < -math.pi:
        dphi += 2 * math.pi
    return math.sqrt((one[1] - two[1]) ** 2 + dphi**2) < 0.4


def transverse_mass(event: dict[str, Any]) -> float | None:
    leptons = [(*x, "mu") for x in event["Muon"]] + [(*x, "e") for x in event["Electron"]]
    best = None
    for i, j in itertools.combinations(range(len(leptons)), 2):
        one, two = leptons[i], leptons[j]
        if one[5] == two[5] and one[4] != two[4]:
            distance = abs(mass_of([one, two]) - 91.2)
            if best is None or distance < best[0]:
                best = (distance, i, j)
    if best is None or len(leptons) < 3:
        return None
    other = max((x for number, x in enumerate(leptons) if number not in best[1:]), key=lambda x: x[0])
    return math.sqrt(2 * other[0] * event["met"] * (1 - math.cos(other[2] - event["phi"])))


def naive(columns: dict[str, Any]) -> dict[str, list[int]]:
    counts = {name: [0] * (axis.bins + 2) for name, axis in adl.AXES.items()}

    def fill(name: str, x: float) -> None:
        counts[name][bin_of(x, adl.AXES[name])] += 1

    for event in events_of(columns):
        jets, muons, met = event["Jet"], event["Muon"], event["met"]
        fill("q1_met", met)
        for jet in jets:
            fill("q2_jet_pt", jet[0])
            if abs(jet[1]) < 1:
                fill("q3_central_jet_pt", jet[0])
        if sum(jet[0] > 40 for jet in jets) >= 2:
            fill("q4_met_two_jets", met)
        pairs = itertools.combinations(muons, 2)
        if any(a[4] != b[4] and 60 < mass_of([a, b]) < 120 for a, b in pairs):
            fill("q5_met_dimuon", met)
        if len(jets) >= 3:
            three = min(itertools.combinations(jets, 3), key=lambda three: abs(mass_of(list(three)) - 172.5))
            px, py, _, _ = total(list(three))
            fill("q6_trijet_pt", math.sqrt(px**2 + py**2))
            fill("q6_trijet_btag", max(jet[4] for jet in three))
        hard = [lepton for lepton in muons + event["Electron"] if lepton[0] > 10]
        alone = [jet for jet in jets if jet[0] > 30 and not any(in_cone(jet, lepton) for lepton in hard)]
        if alone:
            fill("q7_isolated_jet_sum", sum(jet[0] for jet in alone))
        if (mt := transverse_mass(event)) is not None:
            fill("q8_transverse_mass", mt)
    return counts


@pytest.fixture(scope="module")
def columns() -> dict[str, Any]:
    return columns_of(7, EVENTS)


@pytest.fixture(scope="module")
def expected(columns: dict[str, Any]) -> dict[str, list[int]]:
    return naive(columns)


def differing(counts: dict[str, Any], expected: dict[str, list[int]]) -> list[str]:
    return [name for name in adl.AXES if counts[name].tolist() != expected[name]]


def test_the_reference_agrees_with_plain_loops_in_every_bin(columns: Any, expected: Any) -> None:
    out = adl.tally(columns)
    assert not out.ambiguous
    assert not differing(out.counts, expected)
    assert min(sum(values) for values in expected.values()) > 100, "every query must be exercised"


MUTATIONS = {
    "q3_central_jet_pt": (r'\["Jet_eta"\]\) < 1\b', '["Jet_eta"]) <= 1'),
    "q4_met_two_jets": ("pt > 40", "pt >= 40"),
    "q5_met_dimuon": (r"opposite = sign\[i\] != sign\[j\]", "opposite = sign[i] == sign[j]"),
    "q6_trijet_pt": ("TOP_MASS, Z_MASS = 172.5", "TOP_MASS, Z_MASS = 172.0"),
    "q7_isolated_jet_sum": (r"lepton_pt\[lepton\] > 10", "lepton_pt[lepton] >= 0"),
    "q8_transverse_mass": (r"is_muon\[i\] == is_muon\[j\]", "is_muon[i] >= is_muon[j]"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_mistake_is_seen(name: str, columns: Any, expected: Any) -> None:
    path = Path(adl.__file__)
    wrong, replaced = re.subn(*MUTATIONS[name], path.read_text())
    assert replaced == 1
    if name in ("q3_central_jet_pt", "q4_met_two_jets"):  # only values exactly at the cut tell > from >=
        columns = dict(columns, Jet_pt=np.maximum(columns["Jet_pt"].round(-1), 15), Jet_eta=columns["Jet_eta"].round())
        expected = naive(columns)
        assert name not in differing(adl.tally(columns).counts, expected)
    module: dict[str, Any] = {"__name__": "mutant"}
    exec(compile(wrong, str(path), "exec"), module)
    assert name in differing(module["tally"](columns).counts, expected)


def one_event(jets: Sequence[Any] = (), muons: Sequence[Any] = (), electrons: Sequence[Any] = ()) -> dict[str, Any]:
    """An event with jets (pt, eta, phi, mass, btag) and leptons (pt, eta, phi, mass, charge)."""
    out: dict[str, Any] = {"event": np.array([42], np.uint64)}
    out |= {"MET_pt": np.array([50], np.float32), "MET_phi": np.array([0.5], np.float32)}
    for collection, objects in (("Jet", jets), ("Muon", muons), ("Electron", electrons)):
        out[f"n{collection}"] = np.array([len(objects)], np.int32)
        for number, key in enumerate(("pt", "eta", "phi", "mass", "btagCSVV2" if collection == "Jet" else "charge")):
            out[f"{collection}_{key}"] = np.array([item[number] for item in objects], np.float32)
    return out


def doubts(columns: dict[str, Any]) -> dict[str, list[int]]:
    return {entry["histogram"]: entry["bins"] for entry in adl.tally(columns).ambiguous}


def test_a_pair_mass_at_a_cut_is_ambiguous_in_the_bin_of_its_met() -> None:
    def pair(pt: float) -> dict[str, Any]:  # back to back and massless: the mass is 2 pt
        return one_event(muons=[(pt, 0, 0, 0, 1), (pt, 0, float(np.float32(np.pi)), 0, -1)])

    assert doubts(pair(60)) == {"q5_met_dimuon": [26]}
    assert doubts(pair(60.001)) == {}


def test_a_jet_at_the_cone_cut_is_ambiguous_in_the_bins_of_both_sums() -> None:
    jets = [(100, 0, 0, 5, 0.5), (50, 2, 0, 5, 0.5)]
    event = one_event(jets=jets, electrons=[(20, 0, 0, 0, 1)])
    event["Electron_eta"] = np.array([0.4])
    axis = adl.AXES["q7_isolated_jet_sum"]
    assert doubts(event) == {"q7_isolated_jet_sum": [bin_of(50, axis), bin_of(150, axis)]}


def test_equally_good_trijets_are_ambiguous_only_where_the_bins_differ() -> None:
    three = [(50, 0, phi, 5, 0.5) for phi in (0.0, 2.0, -2.0)]
    for tag, expected in ((0.75, {"q6_trijet_btag"}), (0.5, set())):
        event = one_event(jets=[*three, (50, 0, -2.0, 5, tag)])
        event["Jet_phi"] = np.array([0.0, 2.0, -2.0, np.nextafter(-2.0, 0)])
        assert set(doubts(event)) == expected


def test_twins_and_mirror_images_are_ties_that_the_order_decides() -> None:
    three = [(50, 0, phi, 5, 0.5) for phi in (0.0, 2.0, -2.0)]
    assert doubts(one_event(jets=[*three, (50, 0, -2.0, 5, 0.75)])) == {}


def test_a_stored_value_at_a_bin_edge_or_cut_is_never_ambiguous() -> None:
    assert doubts(one_event(jets=[(40, 1, 0, 5, 0.5), (30, 0, 2, 5, 0.5)])) == {}


def test_tallies_add_up_to_the_tally_of_all_events(columns: Any) -> None:
    block, added = make_block(7, 0), Tally(adl.AXES)
    for low, high in ((0, 300), (300, EVENTS)):
        piece = {name: values for name, _, values in block.cut(low, high).columns()}
        added.add(Tally.from_json(adl.tally(piece).to_json()))
    assert added.to_json() == adl.tally(columns).to_json()
