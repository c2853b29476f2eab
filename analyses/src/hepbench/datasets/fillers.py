"""The tables of the collections that no query reads.

They are most of the bytes, as in real files: a file that holds only what is read hides the cost of seeking and of
reading ahead. Narrow integers have the types of NanoAOD v12.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hepbench.datasets.draw import COARSE, FINE, Array, choice, mixture, normal, peaked, poisson, tail, uniform
from hepbench.datasets.schema import PI, Tables, fraction, yes


def _kinematics(start: float, scale: float, spread: float, clip: float) -> Tables:
    return {"pt": tail(start, scale, 10), "eta": normal(0, spread, 10, clip=clip), "phi": uniform(-PI, PI, 10)}


def _score(low: float, high: float, power: float) -> Array:
    return peaked(low, high, power, 9, FINE)


def _index(weights: Sequence[int]) -> Array:
    """Index into another collection, -1 for none."""
    return choice(range(-1, len(weights) - 1), weights, np.int16)


def _tau() -> Tables:
    masks = (1, 3, 7, 15, 31, 63, 127, 255)
    return _kinematics(18, 16, 1.2, 2.3) | {
        "mass": tail(0.2, 0.6, 9),
        "dz": normal(0, 0.03, 9),
        "rawDeepTau2017v2p1VSjet": _score(1, 0, 3),
        "rawDeepTau2017v2p1VSe": _score(1, 0, 3),
        "rawDeepTau2017v2p1VSmu": _score(1, 0, 3),
        "decayMode": choice((0, 1, 2, 10, 11), (35, 35, 8, 16, 6), np.uint8),
        "charge": choice((-1, 1), (1, 1), np.int16),
        "jetIdx": _index((10, 30, 25, 15, 12, 8)),
        "leadTkPtOverTauPt": fraction(0.5),
        "idDeepTau2017v2p1VSjet": choice(masks, (30, 12, 10, 9, 9, 10, 10, 10), np.uint8),
        "idDeepTau2017v2p1VSe": choice(masks, (10, 6, 6, 8, 10, 15, 20, 25), np.uint8),
        "genPartFlav": choice((0, 5, 1, 2), (60, 30, 5, 5), np.uint8),
    }


def _photon() -> Tables:
    return _kinematics(5, 14, 1.2, 2.5) | {
        "r9": peaked(1, 0.4, 2, 9),
        "sieie": normal(0.013, 0.005, 9, clip=0.012),
        "hoe": tail(0, 0.04, 9),
        "pfRelIso03_all": tail(0, 0.2, 9),
        "mvaID": _score(1, -1, 2),
        "energyErr": tail(0.2, 1, 9),
        "cutBased": choice((0, 1, 2, 3), (50, 12, 12, 26), np.uint8),
        "electronVeto": yes(70),
        "pixelSeed": yes(28),
        "jetIdx": _index((20, 25, 20, 15, 12, 8)),
    }


def _fat_jet() -> Tables:
    return _kinematics(170, 90, 1.1, 4.5) | {
        "mass": tail(5, 45, 10),
        "msoftdrop": tail(0, 40, 10),
        "tau1": peaked(0.6, 0, 1.5, 10),
        "tau2": peaked(0.4, 0, 1.5, 10),
        "tau3": peaked(0.3, 0, 1.5, 10),
        "particleNet_TvsQCD": peaked(0, 1, 4, 10),
        "particleNet_WvsQCD": peaked(0, 1, 3, 10),
        "jetId": choice((6, 2, 0), (95, 3, 2), np.uint8),
    }


def _subjet() -> Tables:
    return _kinematics(20, 90, 1.1, 2.5) | {
        "mass": tail(3, 25, 10),
        "btagDeepB": peaked(0, 1, 2.5, 10, FINE),
        "tau1": peaked(0.5, 0, 1.5, 10),
        "tau2": peaked(0.3, 0, 1.5, 10),
        "rawFactor": normal(0.05, 0.06, 7, size=COARSE),
    }


def _secondary_vertex() -> Tables:
    return _kinematics(1, 14, 1.2, 2.5) | {
        "mass": tail(0, 1.2, 10),
        "dlen": tail(0, 2, 10),
        "dlenSig": tail(3, 15, 10),
        "pAngle": tail(0, 0.1, 10),
        "chi2": tail(0, 1, 9),
        "x": normal(0, 1, 10),
        "y": normal(0, 1, 10),
        "z": normal(0, 4, 10),
        "ntracks": poisson(2, 2, 14).astype(np.uint8),
    }


def _particle() -> Tables:
    ids = (21, 1, -1, 2, -2, 3, -3, 4, 5, -5, 11, -11, 13, -13, 12, 14, 22, 24, -24, 6, -6, 23)
    flags = (10497, 8449, 4097, 257, 12291, 8193, 14721, 22913, 16387, 4481, 12673, 2)
    return _kinematics(0, 32, 2.6, 8) | {
        "mass": mixture((15, np.zeros(COARSE, np.float32)), (1, tail(1, 90, 8, size=COARSE))),
        "pdgId": choice(ids, (15, 7, 4, 8, 4, 3, 3, 4, 6, 6, 4, 4, 4, 4, 3, 3, 20, 5, 5, 3, 3, 3)),
        "status": choice((1, 2, 23, 44, 51, 52, 62, 71), (34, 20, 8, 12, 8, 6, 6, 6)),
        "statusFlags": choice(flags, (18, 16, 12, 10, 8, 8, 6, 6, 5, 5, 3, 3), np.uint16),
        "genPartIdxMother": _index([3] + [2] * 8 + [1] * 14),
    }


def _generator_jet() -> Tables:
    return _kinematics(10, 28, 1.9, 5) | {
        "mass": tail(2, 6, 10),
        "partonFlavour": choice((0, 1, 2, 3, 4, 5, 21), (10, 15, 15, 10, 10, 15, 25), np.int16),
        "hadronFlavour": choice((0, 4, 5), (74, 8, 18), np.uint8),
    }


def _parton() -> Tables:
    return _kinematics(0, 60, 1.9, 6) | {
        "mass": choice((0, 173, 80), (90, 5, 5), np.float32),
        "incomingpz": tail(0, 500, 10),
        "pdgId": choice((21, 1, 2, -1, -2, 3, 5, -5, 11, 13), (30, 10, 12, 8, 8, 6, 8, 8, 5, 5)),
        "status": choice((-1, 1, 2), (3, 6, 1), np.int8),
        "spin": choice((-1, 1, 9), (4, 4, 2), np.int8),
    }


def _correction_jet() -> Tables:
    return _kinematics(5, 6, 2.2, 5) | {"area": normal(0.5, 0.05, 9), "muonSubtrFactor": _score(0, 1, 6)}


@lru_cache
def fillers() -> dict[str, Tables]:
    """For every collection that no query reads, its columns; a column "" is named like its collection."""
    return {
        "Tau": _tau(),
        "Photon": _photon(),
        "FatJet": _fat_jet(),
        "SV": _secondary_vertex(),
        "GenPart": _particle(),
        "GenJet": _generator_jet(),
        "LHEPart": _parton(),
        "CorrT1METJet": _correction_jet(),
        "SubJet": _subjet(),
        "SoftActivityJet": _kinematics(1, 4, 2.0, 5),
        "LHEPdfWeight": {"": normal(1, 0.02, 17)},
        "LHEScaleWeight": {"": normal(1, 0.12, 12)},
        "PSWeight": {"": normal(1, 0.1, 12)},
    }
