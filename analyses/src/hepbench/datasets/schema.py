"""The columns of the synthetic tree: for every column that is drawn independently, the table it is drawn from.

Order is the order in the file and the order in which random bits are used: changing anything here means raising
`VERSION` in spec.py. Sizes and shapes follow published CMS samples (NanoAOD, simulation).
"""

from functools import lru_cache

import numpy as np

from hepbench.datasets.draw import COARSE, FINE, Array, choice, mixture, normal, peaked, poisson, tail, uniform

Tables = dict[str, Array]
PI = float(np.pi)
PROCESSES = ("ttbar", "wjets", "dy")
PROCESS_TABLE = choice((0, 1, 2), (35, 35, 30))
FLAGS = (
    "goodVertices", "globalSuperTightHalo2016Filter", "HBHENoiseFilter", "HBHENoiseIsoFilter",
    "EcalDeadCellTriggerPrimitiveFilter", "BadPFMuonFilter", "BadPFMuonDzFilter", "hfNoisyHitsFilter",
    "eeBadScFilter", "ecalBadCalibFilter", "BadChargedCandidateFilter", "CSCTightHaloFilter",
    "globalTightHalo2016Filter", "ecalLaserCorrFilter", "trkPOGFilters", "trkPOG_toomanystripclus53X",
    "trkPOG_manystripclus53X", "trkPOG_logErrorTooManyClusters", "muonBadTrackFilter", "METFilters",
)  # fmt: skip
BUSY_PATHS = {
    "IsoMu20": 0.22, "IsoMu24": 0.20, "IsoMu27": 0.17, "Mu50": 0.09, "Ele27_WPTight_Gsf": 0.20,
    "Ele32_WPTight_Gsf": 0.16, "Ele35_WPTight_Gsf": 0.14, "PFHT180": 0.35, "PFHT60": 0.60, "PFMET120": 0.03,
    "Photon200": 0.01, "QuadPFJet45": 0.12,
}  # fmt: skip
QUIET_PATHS = 429


def trigger_names() -> list[str]:
    """The names of the 441 trigger columns."""
    return [f"HLT_{name}" for name in BUSY_PATHS] + [f"HLT_Path{number:03d}_v" for number in range(QUIET_PATHS)]


def trigger_thresholds() -> Array:
    """Firing probability of every trigger column in units of 1/65,536, as uint16."""
    quiet = [(0, 0, 0, 2, 7, 30)[number % 6] for number in range(QUIET_PATHS)]
    return np.array([int(p * 65_536) for p in BUSY_PATHS.values()] + quiet, np.uint16)


@lru_cache
def multiplicities() -> dict[str, list[Array]]:
    """For every collection, one table of its multiplicity per process."""
    means = {  # ttbar, wjets, dy; then the smallest and the largest number
        "Jet": (7.4, 3.2, 3.9, 0, 20), "Muon": (0.42, 0.38, 0.12, 0, 8), "Electron": (0.85, 0.68, 0.35, 0, 8),
        "Tau": (0.95, 0.45, 0.7, 0, 8), "Photon": (1.3, 0.45, 0.7, 0, 10), "FatJet": (0.8, 0.25, 0.25, 0, 6),
        "SV": (2.2, 0.6, 0.8, 0, 12), "GenPart": (46.0, 17.0, 20.0, 6, 120), "GenJet": (8.8, 2.8, 3.2, 0, 30),
        "LHEPart": (3.0, 1.5, 1.5, 5, 16),
        "CorrT1METJet": (4.5, 3.5, 3.5, 0, 25), "SubJet": (1.4, 0.45, 0.45, 0, 12),
    }  # fmt: skip
    fixed = {"SoftActivityJet": 6, "LHEPdfWeight": 103, "LHEScaleWeight": 9, "PSWeight": 4}
    tables = {name: [poisson(mean, m[3], m[4]) for mean in m[:3]] for name, m in means.items()}
    return tables | {name: [np.array([count], np.int32)] * 3 for name, count in fixed.items()}


@lru_cache
def scalars() -> Tables:
    """Columns with one value per event, in file order (run, event, MET and genWeight are made elsewhere)."""
    return {
        "PV_npvs": poisson(28, 1, 120), "PV_npvsGood": poisson(22, 1, 120), "PV_x": normal(0.011, 0.0015, 10),
        "PV_y": normal(0.042, 0.0015, 10), "PV_z": normal(0, 3.6, 10), "PV_ndof": tail(10, 90, 8),
        "fixedGridRhoFastjetAll": normal(18, 6, 10, clip=17), "MET_sumEt": tail(300, 900, 10, 0.7),
        "MET_significance": tail(0, 3, 10), "PuppiMET_pt": tail(0, 24, 12, 0.8), "PuppiMET_phi": uniform(-PI, PI, 12),
        "RawMET_pt": tail(0, 28, 12, 0.8), "RawMET_phi": uniform(-PI, PI, 12), "Pileup_nTrueInt": poisson(30, 0, 120),
        "Generator_scalePDF": tail(20, 80, 10), "Generator_x1": tail(0, 0.05, 10), "Generator_x2": tail(0, 0.05, 10),
    }  # fmt: skip


def fraction(power: float) -> Array:
    """Table of a fraction in (0, 1), peaked at 0 for a power above 1."""
    return peaked(0, 1, power, 9, FINE)


@lru_cache
def jets() -> Tables:
    """Jet columns other than pt and mass, which depend on the process and on one another."""
    weights = (20, 8, 5, 9, 5, 3, 3, 4, 4, 9, 9, 21)
    btag = mixture((80, peaked(0, 0.9, 2.5, 10, FINE)), (18, peaked(1, 0.3, 2.0, 10, FINE)),
                   (2, np.full(FINE, -10, np.float32)))  # fmt: skip
    floats = {
        "area": normal(0.5, 0.02, 12), "rawFactor": normal(0.05, 0.06, 9),
        "qgl": fraction(0.7), "chEmEF": fraction(4), "chHEF": fraction(0.8), "neEmEF": fraction(1.5),
        "neHEF": fraction(3), "muEF": fraction(9), "bRegCorr": normal(1.0, 0.1, 11),
        "btagDeepFlavB": peaked(0, 1, 3.0, 10, FINE), "btagDeepB": peaked(0, 1, 2.5, 10, FINE),
        "btagCMVA": uniform(-1, 1, 10), "btagDeepFlavC": peaked(0, 1, 2.0, 10, FINE),
        "cRegCorr": normal(1.0, 0.1, 11), "cRegRes": normal(0.2, 0.04, 11, clip=0.15),
        "bRegRes": normal(0.15, 0.04, 11, clip=0.1), "muonSubtrFactor": peaked(0, 1, 6.0, 9, FINE),
        "hfsigmaEtaEta": tail(0, 0.1, 10), "hfsigmaPhiPhi": tail(0, 0.1, 10),
    }  # fmt: skip
    return {
        "eta": normal(0, 1.75, 10, clip=4.7), "phi": uniform(-PI, PI, 10), "btagCSVV2": btag,
        "jetId": choice((6, 2, 0), (92, 5, 3)), "puId": choice((7, 6, 4, 0), (88, 4, 4, 4)),
    } | floats | {
        "partonFlavour": choice((0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 21), weights, np.int16),
        "hadronFlavour": choice((0, 4, 5), (74, 8, 18), np.uint8),
        "nConstituents": poisson(26, 2, 120).astype(np.uint8),
        "nElectrons": choice((0, 1), (93, 7), np.uint8), "nMuons": choice((0, 1), (94, 6), np.uint8),
        "genJetIdx": choice(range(-1, 8), (20, 20, 18, 14, 10, 7, 5, 3, 3), np.int16),
    }  # fmt: skip


def _lepton_quality() -> Tables:
    return {
        "dxy": normal(0, 0.01, 9), "dxyErr": tail(0.001, 0.002, 7, size=COARSE), "dz": normal(0, 0.02, 9),
        "dzErr": tail(0.002, 0.004, 7, size=COARSE), "ip3d": tail(0, 0.01, 9), "sip3d": tail(0, 1.4, 9),
        "jetRelIso": tail(0, 0.25, 9, 1.5), "pfRelIso03_all": tail(0, 0.07, 9, 1.5),
        "miniPFRelIso_all": tail(0, 0.05, 9, 1.5), "mvaTTH": peaked(1, -1, 3.0, 9, FINE),
        "jetIdx": choice((-1, 0, 1, 2, 3, 4), (25, 30, 20, 12, 8, 5), np.int16),
        "genPartIdx": choice(range(-1, 15), [2] + [1] * 15, np.int16),
        "genPartFlav": choice((1, 0, 15, 5, 4, 3), (70, 10, 6, 6, 4, 4), np.uint8),
    }  # fmt: skip


def yes(percent: float) -> Array:
    """Table of a flag that is set in `percent` of the cases."""
    return choice((0, 1), (100 - percent, percent), np.bool_)


@lru_cache
def muons() -> Tables:
    """Muon columns other than pt, eta, phi, mass and charge."""
    return _lepton_quality() | {
        "pfRelIso04_all": tail(0, 0.08, 9, 1.5), "ptErr": tail(0.1, 0.6, 8), "tightId": yes(80), "looseId": yes(97),
        "mediumId": yes(90), "softId": yes(85), "isPFcand": yes(96), "isGlobal": yes(93), "isTracker": yes(99),
        "nStations": choice((0, 1, 2, 3, 4), (3, 7, 25, 35, 30), np.uint8),
        "nTrackerLayers": poisson(13, 1, 19).astype(np.uint8),
        "pdgId": choice((13, -13), (1, 1)),
    }  # fmt: skip


@lru_cache
def electrons() -> Tables:
    """Electron columns other than pt, eta, phi, mass and charge."""
    return _lepton_quality() | {
        "cutBased": choice((0, 1, 2, 3, 4), (20, 6, 8, 11, 55)), "deltaEtaSC": normal(0, 0.02, 9),
        "eInvMinusPInv": normal(0, 0.01, 9), "energyErr": tail(0.2, 1.2, 9), "hoe": tail(0, 0.03, 9),
        "r9": peaked(1, 0.5, 2, 9),
        "sieie": normal(0.012, 0.003, 9, clip=0.01), "mvaFall17V2Iso": peaked(1, -1, 3.0, 9, FINE),
        "mvaFall17V2Iso_WP80": yes(62), "mvaFall17V2Iso_WP90": yes(70), "mvaFall17V2Iso_WPL": yes(88),
        "convVeto": yes(94), "lostHits": choice((0, 1, 2), (90, 8, 2), np.uint8), "pdgId": choice((11, -11), (1, 1)),
        "tightCharge": choice((2, 1, 0), (88, 7, 5)),
    }  # fmt: skip
