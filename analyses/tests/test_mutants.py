"""Every fault of the table is found by the answer; `npm run mutants` tries all of them through `bench`."""

import pytest
from adl_events import Parts, differing, generated, truth_of, with_coffea, with_rdataframe, write
from mutated import answer_of, in_the_analysis, table

EVENTS = 2_900


@pytest.fixture(scope="module")
def part() -> Parts:
    return generated(0, EVENTS)


@pytest.fixture(scope="module")
def files(part: Parts, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return [write(tmp_path_factory.mktemp("mutants") / "events.root", part)]


def test_what_has_no_fault_is_right(files: list[str], part: Parts) -> None:
    assert differing(with_coffea(files, chunk=333), truth_of([part])) == []
    assert differing(with_rdataframe(files), truth_of([part])) == []


MUTANTS = [mutant for mutant in table() if in_the_analysis(mutant)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=[f"{m['backend']}: {m['what']}" for m in MUTANTS])
def test_a_fault_is_a_wrong_answer(mutant: dict[str, str], files: list[str], part: Parts) -> None:
    assert differing(answer_of(mutant, files), truth_of([part])) != []


def test_the_table_holds_at_least_forty_faults_of_all_kinds() -> None:
    assert len(table()) >= 40
    assert len({mutant["kind"] for mutant in table()}) >= 9
