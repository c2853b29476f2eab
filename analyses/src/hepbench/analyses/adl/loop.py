"""The ADL queries for RDataFrame: declared C++ functions, and a graph that reads columns only where it needs them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from hepbench.analyses import require_columns
from hepbench.analyses.adl.definition import columns_of, definition
from hepbench.backends.cpp import compile_cpp

MUONS, ELECTRONS = (
    ", ".join(f"{kind}_{name}" for name in ("pt", "eta", "phi", "mass", "charge")) for kind in ("Muon", "Electron")
)
JETS = "Jet_pt, Jet_eta, Jet_phi, Jet_mass, Jet_btagCSVV2"
CONES = ", ".join(f"{kind}_{name}" for kind in ("Jet", "Muon", "Electron") for name in ("pt", "eta", "phi"))
Booked = dict[str, Any]


@dataclass(frozen=True)
class Loop:
    """Some of the queries, to be run in one event loop."""

    queries: tuple[str, ...]
    edit: int = 0

    def declare(self) -> None:
        """Makes the C++ functions known to this process: compiles at the first call, does nothing afterwards."""
        _declare()

    def book(self, df: Any) -> Booked:
        """Books the histograms on a local or distributed RDataFrame; the result pointers by histogram name."""
        found = [str(name) for name in df.GetColumnNames()]
        require_columns(columns_of(self.queries), found, "the first file of the RDataFrame")
        if self.edit:
            # New text for the compiler, true for every event, whatever the types of the columns.
            df = df.Filter(f"rdfentry_ + {self.edit} > 0")
        booked: Booked = {}
        for query in self.queries:
            booked |= _BOOK[query](df)
        return booked


@lru_cache
def _declare() -> None:
    import ROOT

    # The default is -O1. This also optimises RDataFrame's own generated code: half a CPU-second more to compile, and
    # two thirds of the time per event. A pragma in adl.cpp has no effect on that code.
    ROOT.gInterpreter.ProcessLine(".O 2")
    compile_cpp(files("hepbench.analyses.adl").joinpath("adl.cpp").read_text(), "adl.cpp")


def _histogram(df: Any, name: str, column: str) -> Booked:
    return {name: df.Histo1D(definition(name).model, column)}


def _query1(df: Any) -> Booked:
    return _histogram(df, "q1_met", "MET_pt")


def _query2(df: Any) -> Booked:
    return _histogram(df, "q2_jet_pt", "Jet_pt")


def _query3(df: Any) -> Booked:
    central = df.Define("adl_central", "hepbench_adl::central(Jet_pt, Jet_eta)")
    return _histogram(central, "q3_central_jet_pt", "adl_central")


def _query4(df: Any) -> Booked:
    return _histogram(df.Filter("hepbench_adl::two_jets(Jet_pt)"), "q4_met_two_jets", "MET_pt")


def _query5(df: Any) -> Booked:
    # The first filter spares the reading of the muons of most events.
    dimuon = df.Filter("nMuon >= 2").Filter(f"hepbench_adl::dimuon({MUONS})")
    return _histogram(dimuon, "q5_met_dimuon", "MET_pt")


def _query6(df: Any) -> Booked:
    trijet = df.Filter("nJet >= 3").Define("adl_trijet", f"hepbench_adl::trijet({JETS})")
    trijet = trijet.Define("adl_trijet_pt", "hepbench_adl::trijet_pt(adl_trijet)")
    trijet = trijet.Define("adl_trijet_btag", "hepbench_adl::trijet_btag(adl_trijet)")
    return _histogram(trijet, "q6_trijet_pt", "adl_trijet_pt") | _histogram(trijet, "q6_trijet_btag", "adl_trijet_btag")


def _query7(df: Any) -> Booked:
    isolated = df.Define("adl_isolated_sum", f"hepbench_adl::isolated_sum({CONES})")
    return _histogram(isolated, "q7_isolated_jet_sum", "adl_isolated_sum")


def _query8(df: Any) -> Booked:
    leptons = df.Filter("nMuon + nElectron >= 3")
    mass = leptons.Define(
        "adl_transverse_mass", f"hepbench_adl::transverse_mass(MET_pt, MET_phi, {MUONS}, {ELECTRONS})"
    )
    return _histogram(mass, "q8_transverse_mass", "adl_transverse_mass")


_BOOK: dict[str, Callable[[Any], Booked]] = {
    "1": _query1,
    "2": _query2,
    "3": _query3,
    "4": _query4,
    "5": _query5,
    "6": _query6,
    "7": _query7,
    "8": _query8,
}
