"""Both backends of iobench read what the reference has drawn, bit by bit and in any order; faults are named."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepbench.analyses import AnalysisError, iobench
from hepbench.analyses.iobench import Sums, merge, read_part
from hepbench.datasets.content import Block, make_block
from hepbench.datasets.errors import DataError
from hepbench.datasets.generate import generate
from hepbench.datasets.spec import make_spec
from hepbench.datasets.store import Store, truth_name
from hepbench.datasets.truths import add_truth
from hepbench.datasets.verify import verify
from hepbench.datasets.writer import TREE, TreeWriter
from hepbench.reference import iobench as reference

BACKENDS = ("rdataframe", "coffea")
EVENTS = 3_000
Fixture = tuple[str, Block]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    block, path = make_block(3, 1).cut(0, EVENTS), tmp_path_factory.mktemp("iobench") / "events.root"
    writer = TreeWriter(path, 505, 700)
    writer.append(block)
    writer.close()
    return str(path), block


def truth_of(block: Block) -> reference.Checksums:
    return reference.tally({name: values for name, _, values in block.columns()})


def differing(sums: Sums, columns: tuple[str, ...], truth: reference.Checksums) -> list[str]:
    found = zip(columns, sums.sums.tolist(), sums.values.tolist(), strict=True)
    wrong = [name for name, total, values in found if [total, values] != truth.columns[name]]
    return wrong if sums.events == truth.events else [f"{sums.events} events", *wrong]


@pytest.mark.parametrize("backend", BACKENDS)
def test_all_columns_of_all_types_in_parts_of_any_size(backend: str, made: Fixture) -> None:
    path, block = made
    columns = tuple(name for name, _, _ in block.columns())
    assert {values.itemsize for _, _, values in block.columns()} == {1, 2, 4, 8}
    edges = (0, 1, 700, 1_999, EVENTS)
    parts = [read_part(backend, path, TREE, columns, *edge, 0) for edge in pairwise(edges)]
    forwards, backwards = parts[0], parts[-1]
    for part in parts[1:]:
        forwards = merge(forwards, part)
    for part in parts[-2::-1]:
        backwards = merge(backwards, part)
    assert differing(forwards, columns, truth_of(block)) == []
    assert differing(backwards, columns, truth_of(block)) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_bit_that_is_another_and_an_event_that_is_lost_are_seen(backend: str, made: Fixture) -> None:
    path, block = made
    columns = ("nJet", "Jet_pt", "event")
    whole = read_part(backend, path, TREE, columns, 0, EVENTS, 0)
    truth = truth_of(block)
    block.jagged["Jet"]["pt"].view(np.uint32)[7] ^= 1
    other = truth_of(block)
    block.jagged["Jet"]["pt"].view(np.uint32)[7] ^= 1
    assert (differing(whole, columns, truth), differing(whole, columns, other)) == ([], ["Jet_pt"])
    lost = read_part(backend, path, TREE, columns, 1, EVENTS, 0)
    assert differing(lost, columns, truth) == [f"{EVENTS - 1} events", *columns]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_file_does_not_have_is_named(backend: str, made: Fixture, tmp_path: Path) -> None:
    path, _ = made
    with pytest.raises(AnalysisError, match=r"no column NoSuch in .*events\.root"):
        read_part(backend, path, TREE, ("MET_pt", "NoSuch"), 0, 10, 0)
    with pytest.raises(AnalysisError, match=f"does not hold {EVENTS + 1} events"):
        read_part(backend, path, TREE, ("MET_pt",), 0, EVENTS + 1, 0)
    cut = tmp_path / "cut.root"
    cut.write_bytes(Path(path).read_bytes()[:-2_000_000])
    with pytest.raises(Exception, match=r"cut\.root|expected Chunk|TFile header"):
        read_part(backend, str(cut), TREE, ("MET_pt",), 0, EVENTS, 0)


def test_an_edited_reader_is_other_code_with_the_same_answer(made: Fixture) -> None:
    path, block = made
    one, two = (read_part("rdataframe", path, TREE, ("MET_pt",), 0, EVENTS, edit) for edit in (0, 5))
    assert [differing(sums, ("MET_pt",), truth_of(block)) for sums in (one, two)] == [[], []]
    assert iobench._reader(0) is not iobench._reader(5)


def test_sums_are_modulo_2_to_the_32() -> None:
    most: Any = np.array([2**32 - 1], np.uint64)
    both = merge(Sums(1, most, most, 3), Sums(1, most, most, 4))
    assert (both.sums.tolist(), both.values.tolist(), both.bytes_read) == ([2**32 - 2], [2**33 - 2], 7)
    assert merge(both, Sums(0, most, most, None)).bytes_read is None


def test_more_than_one_thread_is_refused() -> None:
    class Many:
        threads = 2

    analysis: Any = iobench.analysis("coffea", {}, ("MET_pt",))
    with pytest.raises(AnalysisError, match="iobench reads with one thread, not 2"):
        analysis.prepare(Many(), None)


def test_a_truth_is_added_to_a_dataset_that_is_there_once_and_is_verified(tmp_path: Path) -> None:
    store, spec, lines = (
        Store(tmp_path),
        make_spec(events=12_500, files=2, seed=1, compression=505, cluster_events=2_000),
        [],
    )
    generate(store, spec, 1, lines.append)
    path = store.folder(spec.id) / truth_name("iobench")
    assert not path.exists()
    for _ in range(2):
        add_truth(store, spec, "iobench", 2, lines.append)
        suites = [truth["suite"] for truth in verify(store, spec.id, False, lines.append)["truths"]]
        assert suites == ["adl", "iobench"]
    truth = json.loads(path.read_text())
    blocks = [make_block(1, 0), make_block(1, 1).cut(0, 2_500)]
    expected = truth_of(blocks[0])
    expected.add(truth_of(blocks[1]))
    assert truth["contentHash"] == store.manifest(spec.id)["contentHash"]
    assert reference.from_json(truth) == expected
    path.write_text(path.read_text().replace("[0,", "[1,", 1))
    with pytest.raises(DataError, match=r"truth-iobench\.json has SHA-256"):
        verify(store, spec.id, False, lines.append)


def test_a_suite_without_a_reference_is_told_where_it_belongs(tmp_path: Path) -> None:
    spec = make_spec(events=100, files=1, seed=1, compression=505, cluster_events=2_000)
    with pytest.raises(DataError, match="suite nothing has no reference") as error:
        add_truth(Store(tmp_path), spec, "nothing", 1, print)
    assert "hepbench/reference/nothing.py" in error.value.hint
