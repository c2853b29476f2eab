"""What suite `adl` computes, in both backends: queries, histograms and columns, as defined in suites/adl/README.md."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from hepbench.histograms import Definition, Histogram

QUERIES = ("1", "2", "3", "4", "5", "6", "7", "8")
_ALL = (
    ("1", Definition("q1_met", "MET, every event;MET_pt [GeV];events", 100, 0.0, 200.0)),
    ("2", Definition("q2_jet_pt", "Every jet;Jet_pt [GeV];jets", 100, 15.0, 60.0)),
    ("3", Definition("q3_central_jet_pt", "Jets with |eta| < 1;Jet_pt [GeV];jets", 100, 15.0, 60.0)),
    ("4", Definition("q4_met_two_jets", "MET, two jets with pt > 40;MET_pt [GeV];events", 100, 0.0, 200.0)),
    ("5", Definition("q5_met_dimuon", "MET, dimuon with 60 < m < 120;MET_pt [GeV];events", 100, 0.0, 200.0)),
    ("6", Definition("q6_trijet_pt", "Trijet nearest to 172.5 GeV;pt [GeV];events", 100, 15.0, 40.0)),
    ("6", Definition("q6_trijet_btag", "Trijet nearest to 172.5 GeV;largest btagCSVV2;events", 100, 0.0, 1.0)),
    ("7", Definition("q7_isolated_jet_sum", "Isolated jets with pt > 30;sum of pt [GeV];events", 100, 15.0, 200.0)),
    ("8", Definition("q8_transverse_mass", "MET and other lepton;transverse mass [GeV];events", 100, 0.0, 200.0)),
)
HISTOGRAMS = tuple(definition for _, definition in _ALL)
_BY_NAME = {definition.name: definition for definition in HISTOGRAMS}


# Of each query {reads, filters}: of every event RDataFrame reads only the columns of the filters. suite.ts has them
# from the same file.
COLUMNS: dict[str, dict[str, list[str]]] = json.loads(
    files("hepbench.analyses.adl").joinpath("columns.json").read_text()
)


def columns_of(queries: Iterable[str]) -> list[str]:
    """The columns that `queries` read, counters included, each once."""
    return list(dict.fromkeys(name for query in checked(queries) for name in COLUMNS[query]["reads"]))


def histograms_of(queries: Iterable[str]) -> tuple[Definition, ...]:
    """The histograms that `queries` fill, in the order of HISTOGRAMS."""
    wanted = checked(queries)
    return tuple(definition for query, definition in _ALL if query in wanted)


def definition(name: str) -> Definition:
    """The definition of one of the nine histograms."""
    return _BY_NAME[name]


def to_histogram(name: str, arrays: Mapping[str, Any]) -> Histogram:
    """The histogram `name` from the arrays that the coffea processor returns."""
    return Histogram.from_arrays(_BY_NAME[name], arrays)


def checked(queries: Iterable[str]) -> tuple[str, ...]:
    """`queries` in canonical order, each once; ValueError for one that does not exist or for none at all."""
    wanted = set(queries)
    if not wanted or wanted - set(QUERIES):
        raise ValueError(f"queries must be some of {', '.join(QUERIES)}, not {sorted(wanted)}")
    return tuple(query for query in QUERIES if query in wanted)
