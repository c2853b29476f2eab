"""What every analysis fulfils: the Protocol of hepbench.analysis, in each backend; and what breaks it is seen."""

import contextlib
import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

import pytest

from hepbench import analyses
from hepbench.analyses import AnalysisError, control
from hepbench.analysis import Analysis, Answer, Workload
from hepbench.driver import execute


def backends_of(suite: str) -> list[str]:
    """Those for which the suite gives an analysis."""
    found = []
    for backend in ("rdataframe", "coffea", "dask"):
        with contextlib.suppress(AnalysisError):
            analyses.load(suite).analysis(backend, {})
            found.append(backend)
    return found


MEMBERS = {name: member for name, member in vars(Analysis).items() if not name.startswith("_")}


def faults(one: Any) -> list[str]:
    """Members of the Protocol that `one` lacks or has with other parameters or of another kind."""
    found = []
    for name, wanted in MEMBERS.items():
        given = getattr(one, name, None)
        if isinstance(wanted, property):
            if given is None or callable(given):
                found.append(f"{name} is no attribute")
        elif not callable(given):
            found.append(f"{name} is no method")
        elif list(inspect.signature(given).parameters) != list(inspect.signature(wanted).parameters)[1:]:
            found.append(f"{name} has other parameters")
    if not found and (odd := set(one.kinds.values()) - {"process", "merge"} or not one.kinds):
        found.append(f"kinds: {odd}")
    return found


PAIRS = [(suite, backend) for suite in analyses.names() for backend in backends_of(suite)]


def test_every_suite_has_a_backend() -> None:
    assert {suite for suite, _ in PAIRS} == set(analyses.names()) >= {"adl", "control", "iobench"}


@pytest.mark.parametrize(("suite", "backend"), PAIRS)
def test_an_analysis_fulfils_the_protocol(suite: str, backend: str) -> None:
    one = analyses.load(suite).analysis(backend, {})
    assert faults(one) == []
    assert one.loops == 1
    assert len(set(one.columns())) == len(one.columns())
    assert "process" in one.kinds.values()


@pytest.mark.parametrize("suite", analyses.names())
def test_a_backend_that_it_does_not_have_is_named(suite: str) -> None:
    with pytest.raises(AnalysisError, match=f"suite {suite} has no backend 'spark'"):
        analyses.load(suite).analysis("spark", {})


class Bad(control.Control):
    def prepare(self, workload: Workload) -> None:  # type: ignore[override]
        """One parameter too few."""

    answer = None  # type: ignore[assignment]

    @property
    def kinds(self) -> Mapping[str, Any]:
        return {"control": "reads"}


def test_what_breaks_the_protocol_is_named() -> None:
    assert faults(Bad({})) == ["prepare has other parameters", "answer is no method"]
    assert faults(object())[0] == "kinds is no attribute"
    Bad.prepare, Bad.answer = control.Control.prepare, control.Control.answer  # type: ignore[method-assign]
    assert faults(Bad({})) == ["kinds: {'reads'}"]


def test_a_plan_that_reads_other_columns_than_the_analysis_is_refused_before_anything_is_read() -> None:
    nothing: dict[str, Any] = {field.name: [] for field in dataclasses.fields(Workload)}
    given = {"suite": "adl", "backend": "rdataframe", "parameters": {"queries": "2"}, "columns": ["Jet_pt", "Jet_eta"]}
    marks: list[str] = []
    with pytest.raises(AnalysisError, match=r"differ in what they read: Jet_eta, nJet; `columns` of its suite\.ts"):
        execute.execute(Workload(**{**nothing, **given, "edit": 0}), None, marks.append)
    assert marks == ["prepare"]


def test_one_loop_for_each_query_is_as_many_loops_that_read_the_same_columns() -> None:
    for backend in backends_of("adl"):
        one, many = (
            analyses.load("adl").analysis(backend, {"queries": "1,2", "loops": loops}) for loops in ("one", "per-query")
        )
        assert (one.loops, many.loops) == (1, 2)
        assert set(one.columns()) == set(many.columns()) == {"MET_pt", "nJet", "Jet_pt"}


def test_an_answer_without_histograms_is_one_of_events() -> None:
    assert control.analysis("dask", {}).answer(7) == Answer(7)
