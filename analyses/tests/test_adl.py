"""Both backends of suite `adl`, bin for bin, against each other and against the independent reference."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ROOT
from adl_events import (
    Answer,
    Particle,
    Parts,
    against_reference,
    differences,
    generated,
    mirrored_tie,
    planted,
    with_coffea,
    with_rdataframe,
    write,
)
from coffea import processor
from mutated import SOURCES, answer_of

from hepbench.analyses import AnalysisError, adl, load
from hepbench.analyses.adl import loop as adl_loop
from hepbench.backends import rdataframe_warm
from hepbench.datasets import planted as by_hand
from hepbench.datasets.writer import TREE
from hepbench.histograms import Histogram
from hepbench.reference import adl as reference

EVENTS = 3_000


@pytest.fixture(scope="module")
def parts() -> list[Parts]:
    return [generated(0, EVENTS), generated(EVENTS, EVENTS + 700)]


@pytest.fixture(scope="module")
def files(parts: list[Parts], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("adl")
    return [write(folder / f"{number}.root", part) for number, part in enumerate(parts)]


@pytest.fixture(scope="module")
def answer(files: list[str]) -> Answer:
    return with_rdataframe(files)


def test_both_backends_and_the_reference_agree(answer: Answer, files: list[str], parts: list[Parts]) -> None:
    assert answer[0] == EVENTS + 700
    assert [definition.name for definition in adl.HISTOGRAMS] == list(answer[1]) == list(reference.AXES)
    assert all(histogram.values.sum() > 100 for histogram in answer[1].values())
    assert differences(with_coffea(files), answer) == []
    against_reference(answer, parts)


def test_chunks_and_order_of_files_do_not_matter(answer: Answer, files: list[str]) -> None:
    assert differences(with_coffea(files, chunk=333), answer) == []
    assert differences(with_rdataframe(files[::-1]), answer) == []


def test_ties_cuts_and_empty_events(tmp_path: Path) -> None:
    tie = mirrored_tie()
    events: list[dict[str, list[Particle]]] = [
        {},
        {"Jet": tie},
        {"Jet": [(50.0, 0.1, 0.2, 5.0, tag) for tag in (0.1, 0.2, 0.3, 0.9)]},
        {"Jet": [(30.0, 1.0, 0.0, 1.0, 0.5), (40.0, -1.0, 3.1, 1.0, 0.5)], "Muon": [(10.0, 1.0, 0.1, 0.1, 1)]},
        {"Jet": [(35.0, 0.0, 3.1, 1.0, 0.5)], "Electron": [(11.0, 0.0, -3.1, 0.1, 1)]},
        {"Muon": [(40.0, 0.3, 0.5, 0.1, 1), (40.0, 0.3, 0.5, 0.1, 1), (40.0, 0.3, -2.5, 0.1, -1)]},
        {"Muon": [(20.0, 0.0, 0.0, 0.1, 1)] * 2, "Electron": [(45.0, 0.0, 1.0, 0.0, 1), (45.0, 0.0, -2.0, 0.0, -1)]},
        {"Muon": [(20.0, 0.0, 0.0, 0.1, 1)], "Electron": [(45.0, 0.0, 1.0, 0.0, -1)] * 2},
    ]
    several, none = planted(events), planted([{}, {}])
    files = [write(tmp_path / "planted.root", several), write(tmp_path / "empty.root", none)]
    answer = with_rdataframe(files)
    assert differences(with_coffea(files), answer) == []
    against_reference(answer, [several, none])
    hard = sum(jet[0] for jet in tie if jet[0] > 30)
    expected = {"q6_trijet_btag": [0.3, 0.3], "q7_isolated_jet_sum": [hard, 200.0, 40.0]}
    for name, values in expected.items():
        filled = adl.definition(name).fill(np.asarray(values, np.float32))
        assert (answer[1][name].values == filled.values).all(), name


def test_more_jets_than_usual(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    jets = [(*map(float, rng.uniform([20, -2, -3, 1, 0], [200, 2, 3, 20, 1])),) for _ in range(40)]
    part = planted([{"Jet": jets}, {"Jet": jets[:32]}, {"Jet": jets[:33]}])
    files = [write(tmp_path / "many.root", part)]
    answer = with_rdataframe(files, ("6",))
    assert differences(with_coffea(files, instance=adl.coffea(["6"])), answer) == []
    against_reference(answer, [part])


@pytest.mark.parametrize("cut", ["> 40", "> 30"])
def test_a_wrong_cut_is_found(cut: str, tmp_path: Path) -> None:
    jets = [(40.0, 0.0, 0.0, 1.0, 0.5), (float(cut[2:]), 2.0, 1.0, 1.0, 0.5)]
    files = [write(tmp_path / "edge.root", planted([{"Jet": jets}]))]
    right = with_rdataframe(files, ("4", "7"))
    fault = {"before": cut, "after": cut.replace(">", ">="), "queries": "4,7"}
    assert differences(with_coffea(files, instance=adl.coffea(("4", "7"))), right) == []
    for backend, file in (("coffea", "processor.py"), ("rdataframe", "adl.cpp")):
        path = str(SOURCES / "analyses/adl" / file)
        assert differences(answer_of({**fault, "backend": backend, "file": path}, files), right)


def spoiled(part: Parts, columns: set[str], value: float) -> Parts:
    rng = np.random.default_rng(5)
    return [
        (
            name,
            counter,
            np.where(rng.random(len(values)) < 0.05, np.float32(value), values) if name in columns else values,
        )
        for name, counter, values in part
    ]


FLOATS = {name for name, _, values in generated(0, 100) if values.dtype == np.float32}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_in_the_input_is_the_same_for_all(value: float, tmp_path: Path) -> None:
    part = spoiled(generated(0, 2_900), FLOATS, value)
    files = [write(tmp_path / "spoiled.root", part)]
    answer = with_rdataframe(files)
    assert differences(with_coffea(files), answer) == []
    against_reference(answer, [part])
    assert answer[1]["q1_met"].values[-1] > 100, "it is in the overflow"


@pytest.mark.parametrize("column", sorted(FLOATS))
def test_a_column_with_values_that_are_not_finite(column: str, tmp_path: Path) -> None:
    for value in (np.nan, np.inf, -np.inf):
        part = spoiled(generated(0, 2_900), {column}, value)
        against_reference(with_coffea([write(tmp_path / f"{value}.root", part)]), [part])


def test_planted_events_are_in_every_few_thousand_and_none_is_in_doubt() -> None:
    part = {name: values for name, _, values in generated(0, 2_900)}
    met = {float(np.float32(event.met)) for event in by_hand.EVENTS}
    assert met <= set(part["MET_pt"].tolist())
    assert reference.tally(part).ambiguous == []
    kinds = {part[f"n{kind}"].dtype.name for kind in ("Jet", "Muon", "Electron")}
    assert kinds == {"int32", "uint32"}, "counters as in older and in newer files"


def test_declaring_again_costs_nothing(answer: Answer) -> None:
    loop = adl.rdataframe(adl.QUERIES)
    start = time.perf_counter()
    for _ in range(100):
        loop.declare()
    assert (time.perf_counter() - start) / 100 < 50e-6


def test_cpp_that_does_not_compile_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AnalysisError, match=r"could not compile nonsense .*standard error"):
        adl_loop.compile_cpp("int hepbench_nonsense() { return nothing_known; }", "nonsense")
    assert "nothing_known" in capfd.readouterr().err


def test_a_missing_column_is_named(files: list[str], parts: list[Parts], tmp_path: Path) -> None:
    damaged = [write(tmp_path / "less.root", [part for part in parts[1] if part[0] != "Jet_btagCSVV2"])]
    with pytest.raises(AnalysisError, match="no column Jet_btagCSVV2 in the first file"):
        with_rdataframe(damaged)
    with pytest.raises(Exception, match=r"no column Jet_btagCSVV2 in .*less\.root"):
        with_coffea(damaged)
    assert with_rdataframe(damaged, ("1", "7"))[0] == 700


def test_queries_and_columns() -> None:
    assert [d.name for d in adl.histograms_of(["6", "1"])] == ["q1_met", "q6_trijet_pt", "q6_trijet_btag"]
    assert adl.columns_of(["4", "1"]) == ["MET_pt", "nJet", "Jet_pt"]
    assert set(adl.COLUMNS) == set(adl.QUERIES)
    with pytest.raises(ValueError, match="not \\['9'\\]"):
        adl.rdataframe(["9"])
    with pytest.raises(AnalysisError, match="unknown suite 'nothing'"):
        load("nothing")


def test_weighted_filling_is_that_of_root() -> None:
    definition = adl.definition("q2_jet_pt")
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.uniform(10, 65, 5000), [15.0, 60.0, np.nextafter(60.0, 0), np.nan, np.inf, -np.inf]])
    weight = rng.normal(1, 1, len(x))
    histogram = ROOT.TH1D(*definition.model)
    histogram.Sumw2()
    for value, w in zip(x.tolist(), weight.tolist(), strict=True):
        histogram.Fill(value, w)
    root, mine = Histogram.from_root(definition, histogram), definition.fill(x, weight)
    assert (root.values == mine.values).all()
    assert (root.sumw2 == mine.sumw2).all()
    assert ((mine + mine).sumw2 == 2 * mine.sumw2).all()
    json = mine.to_json()
    assert json["values"] == mine.values.tolist()
    assert len(json["sumw2"]) == 102
    with pytest.raises(ValueError, match="is wanted"):
        Histogram.from_root(adl.definition("q1_met"), histogram)


def holders(file: str) -> int:
    """Of how many descriptors of this process the file is."""
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return sum(os.path.exists(link) and os.path.samefile(link, file) for link in links)


def test_a_fork_server_lets_go_of_the_file_that_it_warms_with(
    files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setattr(rdataframe_warm, "_let_go_of", lambda _: None)
        adl.analysis("rdataframe", {}).warm(TREE, files[0])
    assert holders(files[0]) > 0
    adl.analysis("rdataframe", {}).warm(TREE, files[0])
    assert holders(files[0]) == 0


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client, LocalCluster

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        yield client


def test_distributed_is_identical(answer: Answer, files: list[str], client: Any) -> None:
    executor = processor.DaskExecutor(client=client, status=False, retries=0)
    assert differences(with_coffea(files, chunk=1000, executor=executor), answer) == []
    ROOT.RDF.Distributed.initialize(adl.rdataframe(adl.QUERIES).declare)
    assert differences(with_rdataframe(files, executor=client, npartitions=4), answer) == []


@pytest.mark.parametrize("counter", ["int", "unsigned int"])
def test_an_edit_changes_the_code_and_never_the_answer_whatever_the_type_of_the_counters(counter: str) -> None:
    # NanoAOD counts with int since version 12, before that, as CMS open data do, with unsigned int.
    df = ROOT.RDataFrame(50).Define("MET_pt", "float(rdfentry_)").Define("nJet", f"({counter})3")
    df = df.Define("nMuon", f"({counter})0").Define("nElectron", f"({counter})0")
    answers = [adl_loop.Loop(("1",), edit).book(df)["q1_met"].GetEntries() for edit in (0, 1, 7)]
    assert answers == [50, 50, 50]
