"""The analyses with one fault in them, in this process: a table of faults stands in test/mutants/mutants.json."""

import contextlib
import importlib
import importlib.abc
import importlib.util
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import ROOT
from adl_events import Answer, with_coffea

from hepbench.analyses import adl as sound
from hepbench.analyses.adl import loop as adl_loop
from hepbench.datasets.writer import TREE
from hepbench.histograms import Histogram

ROOT_FOLDER = Path(__file__).parents[2]
SOURCES = Path("analyses/src/hepbench")
_numbers = itertools.count()


def table() -> list[dict[str, str]]:
    """{kind, what, backend, file, before, after, queries} of every fault."""
    return cast("list[dict[str, str]]", json.loads((ROOT_FOLDER / "test/mutants/mutants.json").read_text()))


def in_the_analysis(mutant: dict[str, str]) -> bool:
    """Whether the fault is in what is computed, and not in how it is run."""
    return not mutant["file"].startswith(str(SOURCES / "backends"))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Finds one module, with other source."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=cast("Any", self))

    def get_filename(self, fullname: str) -> str:
        return str(self._path)

    def get_data(self, path: Any) -> bytes:
        return self._source.encode()


def source_of(mutant: dict[str, str]) -> str:
    """The file with the fault in it."""
    text = (ROOT_FOLDER / mutant["file"]).read_text()
    assert text.count(mutant["before"]) == 1, f"{mutant['file']} does not hold the text once: {mutant['before']}"
    return text.replace(mutant["before"], mutant["after"])


@contextlib.contextmanager
def _imported(mutant: dict[str, str]) -> Iterator[ModuleType]:
    """hepbench.analyses.adl imported anew, with the fault in whichever module it is in."""
    path = Path(mutant["file"]).relative_to(SOURCES).with_suffix("")
    finder = _Finder(".".join(("hepbench", *path.parts)), ROOT_FOLDER / mutant["file"], source_of(mutant))
    fresh = [name for name in sys.modules if name.startswith(("hepbench.analyses", "hepbench.histograms"))]
    saved = {name: sys.modules.pop(name) for name in fresh}
    package = sys.modules["hepbench"]
    attributes = {name: getattr(package, name) for name in ("analyses", "histograms")}
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module("hepbench.analyses.adl")
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(("hepbench.analyses", "hepbench.histograms"))]:
            del sys.modules[name]
        sys.modules.update(saved)
        for name, value in attributes.items():
            setattr(package, name, value)


def answer_of(mutant: dict[str, str], files: list[str]) -> Answer:
    """What the backend of the fault answers with it."""
    queries = tuple(mutant["queries"].split(","))
    if mutant["backend"] == "rdataframe":
        return _rdataframe(source_of(mutant), files, queries)
    with _imported(mutant) as adl:
        return with_coffea(files, chunk=333, instance=adl.coffea(queries))


def _rdataframe(code: str, files: list[str], queries: tuple[str, ...]) -> Answer:
    name = f"mutant_{next(_numbers)}"
    adl_loop.compile_cpp(code.replace("hepbench_adl", name).replace("HEPBENCH_ADL", f"{name}_guard"), name)
    path = Path(adl_loop.__file__)
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    exec(compile(path.read_text().replace("hepbench_adl", name), str(path), "exec"), module.__dict__)
    df = ROOT.RDataFrame(TREE, files)
    count, booked = df.Count(), module.Loop(queries).book(df)
    return int(count.GetValue()), {n: Histogram.from_root(sound.definition(n), h.GetValue()) for n, h in booked.items()}
