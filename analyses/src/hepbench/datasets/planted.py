"""Events made by hand, one in every hundred: each shows a mistake that drawn events hardly ever show.

Without them, a muon of another mass, a tie decided the other way or a cut at the wrong side of its value moves no bin.
The kinds come in turn, so that a few thousand events hold all of them.
"""

from dataclasses import dataclass

import numpy as np

from hepbench.datasets.draw import Array

PERIOD = 100
OFFSET = 50
KINEMATICS = ("pt", "eta", "phi", "mass")
LAST = {"Jet": "btagCSVV2", "Muon": "charge", "Electron": "charge"}
MUON_MASS, ELECTRON_MASS = 0.10571289, 0.000511
Particle = tuple[float, float, float, float, float]  # pt, eta, phi, mass; then b-tag or charge


@dataclass(frozen=True)
class Planted:
    """One event: what it shows, its MET in GeV and rad, and its objects."""

    shows: str
    met: float
    met_phi: float = 0.0
    jets: tuple[Particle, ...] = ()
    muons: tuple[Particle, ...] = ()
    electrons: tuple[Particle, ...] = ()

    def objects(self, kind: str) -> tuple[Particle, ...]:
        """The objects of one collection."""
        return {"Jet": self.jets, "Muon": self.muons, "Electron": self.electrons}[kind]


def muon(pt: float, phi: float, charge: int, mass: float = MUON_MASS, eta: float = 0.0) -> Particle:
    """A muon."""
    return (pt, eta, phi, mass, charge)


def electron(pt: float, phi: float, charge: int, mass: float = ELECTRON_MASS, eta: float = 0.0) -> Particle:
    """An electron."""
    return (pt, eta, phi, mass, charge)


def _muons_of_mass(mass: float, phi: float = 0.5) -> tuple[Particle, Particle]:
    """An opposite-charge pair back to back: its mass is twice the pt."""
    return muon(mass / 2, phi, 1), muon(mass / 2, phi - np.pi, -1)


def _muons_at_rest(mass: float) -> tuple[Particle, Particle]:
    """A pair without momentum: its mass is the sum of theirs, to the last bit however it is computed."""
    return muon(0.0, 0.5, 1, mass / 2), muon(0.0, -2.5, -1, mass / 2)


def _boosted(mass: float) -> tuple[Particle, Particle]:
    """Collinear muons, whose pair has its mass from theirs alone: m^2 (2 + r + 1 / r) for pts with the ratio r."""
    return muon(3.0 * ((mass / MUON_MASS) ** 2 - 2), 1.0, 1), muon(3.0, 1.0, -1)


# The trijets (0, 1, 4) and (0, 2, 3) are mirror images, nearest to the mass of the top quark, with different b-tags.
MIRRORED = (
    (60.0, 0.125, 0.0, 5.0, 0.05), (48.0, 0.5, 1.0, 5.0, 0.1), (48.0, 0.5, -1.0, 5.0, 0.2),
    (90.0, -0.5, -2.0, 5.0, 0.9), (90.0, -0.5, 2.0, 5.0, 0.3),
)  # fmt: skip
# The third and the fourth jet are the same but for their b-tags.
TWINS = (
    (74.0, 0.0, 0.0, 8.0, 0.1), (58.0, 0.5, 2.0, 8.0, 0.15),
    (33.0, -0.5, -2.0, 8.0, 0.25), (33.0, -0.5, -2.0, 8.0, 0.85),
)  # fmt: skip


def jet(pt: float, eta: float = 0.0, phi: float = 0.0, btag: float = 0.5) -> Particle:
    """A jet of 5 GeV."""
    return (pt, eta, phi, 5.0, btag)


EVENTS: tuple[Planted, ...] = (
    Planted("a pair in the window only with the stored masses", 13,
            muons=(muon(20, 0.5, 1, 30), muon(20, -2.5, -1, 30))),
    Planted("a pair in the window with the mass of the muon, not with 0.1 or 0 GeV", 23, muons=_boosted(61)),
    Planted("a pair just inside the lower end of the window", 33, muons=_muons_of_mass(60.5)),
    Planted("a pair just below the window", 43, muons=_muons_of_mass(59.5)),
    Planted("a pair just inside the upper end", 53, muons=_muons_of_mass(119.5)),
    Planted("a pair just above the window", 63, muons=_muons_of_mass(120.5)),
    Planted("a pair exactly at the lower end, which is not in the window", 75, muons=_muons_at_rest(60)),
    Planted("a pair exactly at the upper end, which is not in the window", 77, muons=_muons_at_rest(120)),
    Planted("a pair of one charge in the window", 73, muons=(muon(45, 0.5, 1), muon(45, -2.5, 1))),
    Planted("only the second and the third muon are in the window", 83,
            muons=(muon(200, 1.0, 1), muon(45, 1.0, 1), muon(45, 1.0 - np.pi, -1))),
    Planted("jets at the cuts of pt and eta", 2, jets=(jet(50, 1.0), jet(40, -1.0, 2.0), jet(30, 0.5, -2.0))),
    Planted("jets and MET at the ends of their axes", 200, jets=(jet(60, 2.0), jet(15, -2.0, 2.0))),
    Planted("no MET, and a jet and a muon on both sides of pi", 0, jets=(jet(50, 0, 3.1),), muons=(muon(20, -3.1, 1),)),
    Planted("the same the other way round", 183, jets=(jet(50, 0, -3.1),), muons=(muon(20, 3.1, 1),)),
    Planted("a lepton at its cut beside a jet", 250, jets=(jet(45),), electrons=(electron(10, 0.1, 1),)),
    Planted("an electron just inside the cone of a jet", 93, jets=(jet(47),), electrons=(electron(20, 0.39, 1),)),
    Planted("a muon just outside the cone of a jet", 103, jets=(jet(49),), muons=(muon(20, 0.41, 1),)),
    Planted("one jet near a muon, one near an electron, one free", 113,
            jets=(jet(80, 0, 0), jet(70, 0, 2), jet(60, 0, -2)), muons=(muon(30, 0.1, 1),),
            electrons=(electron(30, 2.1, 1),)),
    Planted("two trijets of one mass, mirrored", 123, jets=MIRRORED),
    Planted("two trijets of one mass, the same but for a b-tag", 133, jets=TWINS),
    Planted("electrons nearer to the Z than muons", 143, 1.0, muons=_muons_of_mass(80),
            electrons=(electron(45.6, 1.0, 1), electron(45.6, 1.0 - np.pi, -1))),
    Planted("electrons a little nearer to the Z than muons", 90, 0.7, muons=_muons_of_mass(88),
            electrons=(electron(47, 1.5, 1), electron(47, 1.5 - np.pi, -1))),
    Planted("a muon with an electron nearer to the Z than the two electrons", 153, 2.0, muons=(muon(45.6, 0.0, 1),),
            electrons=(electron(45.6, np.pi, -1), electron(20, 0.0, 1))),
    Planted("two other leptons of one pt", 60, 0.0, muons=(muon(20, 1.0, 1), muon(20, 2.5, 1)),
            electrons=(electron(45.6, 0.5, 1), electron(45.6, 0.5 - np.pi, -1))),
    Planted("two pairs of one mass, mirrored", 70, 1.5,
            muons=(muon(46, 0.0, 1), muon(46, 2.9, -1), muon(46, -2.9, -1))),
    Planted("electrons nearer to the Z than muons only with their masses", 80, 0.5, muons=_muons_of_mass(87, 1.0),
            electrons=(electron(41, 2.0, 1, 20), electron(41, 2.0 - np.pi, -1, 20))),
    Planted("more than 32 jets, of which only the last four are not near a muon", 193,
            jets=tuple(jet(66.5 - i, 0.0, 0.01 * i if i < 32 else 0.1 * i - 1.2) for i in range(36)),
            muons=(muon(30, 0.15, 1),)),
    # Less than float64 rounds these up to the edges at 58.65 and 56.4, and the sum of those to that at 61.25.
    Planted("jets just below a bin edge", 163, jets=(jet(58.64999771118164, 2.0), jet(56.39999771118164, 2.0))),
    Planted("a sum just below a bin edge", 173, jets=(jet(30.63599967956543), jet(30.613998413085938, 0.0, 2.0))),
)  # fmt: skip


def positions(first: int, count: int) -> list[tuple[int, Planted]]:
    """(index from `first`, event) of the planted ones among `count` events from number `first` on."""
    start = (OFFSET - first) % PERIOD
    return [(at, EVENTS[(first + at) // PERIOD % len(EVENTS)]) for at in range(start, count, PERIOD)]


def plant(places: list[tuple[int, Planted]], kind: str, counts: Array, columns: dict[str, Array]) -> None:
    """Overwrites the objects of `kind` in the planted events; `counts` and the columns already have room for them."""
    first = np.cumsum(counts) - counts
    names = (*KINEMATICS, LAST[kind])
    for at, event in places:
        for number, particle in enumerate(event.objects(kind)):
            for name, value in zip(names, particle, strict=True):
                columns[name][first[at] + number] = value
