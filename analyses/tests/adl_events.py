"""Small files with generated or planted events, and the answers of both backends and of the reference for them."""

import contextlib
import importlib.util
import io
import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import ROOT
from coffea import processor

from hepbench.analyses import adl, adl_rdataframe
from hepbench.datasets.content import make_block
from hepbench.datasets.writer import TREE, TreeWriter
from hepbench.histograms import Histogram
from hepbench.reference import adl as reference

Parts = list[tuple[str, str, Any]]
Answer = tuple[int, dict[str, Histogram]]
Particle = tuple[float, ...]


@dataclass
class Events:
    """What TreeWriter takes as a block."""

    parts: Parts

    @property
    def events(self) -> int:
        return len(next(values for _, counter, values in self.parts if not counter))

    def columns(self) -> Parts:
        return self.parts


def write(path: Path, parts: Parts) -> str:
    block = Events(parts)
    writer = TreeWriter(path, 505, 500)
    writer.append(block)  # type: ignore[arg-type]
    writer.close()
    return str(path)


def generated(first: int, last: int) -> Parts:
    wanted = {"event", *adl.columns_of(adl.QUERIES)}
    return [part for part in make_block(7, 0).cut(first, last).columns() if part[0] in wanted]


def planted(events: list[dict[str, list[Particle]]]) -> Parts:
    """Events of given objects: (pt, eta, phi, mass, btag or charge); MET is 10 + the number of the event."""
    parts = [
        ("event", "", np.arange(len(events), dtype=np.uint64)),
        ("MET_pt", "", 10 + np.arange(len(events), dtype=np.float32)),
        ("MET_phi", "", np.full(len(events), 3.0, np.float32)),
    ]
    for kind in ("Jet", "Muon", "Electron"):
        counter, last = f"n{kind}", "btagCSVV2" if kind == "Jet" else "charge"
        counts = np.array([len(event.get(kind, [])) for event in events], np.int32)
        objects = [particle for event in events for particle in event.get(kind, [])]
        parts.append((counter, "", counts))
        for number, name in enumerate(("pt", "eta", "phi", "mass", last)):
            values = np.array([particle[number] for particle in objects])
            parts.append((f"{kind}_{name}", counter, values.astype(np.int32 if name == "charge" else np.float32)))
    return parts


def mirrored_tie() -> list[Particle]:
    """Five jets of which (0, 1, 4) and its mirror image (0, 2, 3) are nearest to 172.5 GeV; their b-tags differ."""
    rng = np.random.default_rng(3)
    while True:
        one, two = ((float(pt), float(eta), float(phi), 5.0) for pt, eta, phi in rng.uniform(0.3, [90, 2, 3], (2, 3)))
        mirror = [(pt, eta, -phi, mass) for pt, eta, phi, mass in (two, one)]
        jets = [(60.0, 0.1, 0.0, 5.0), one, mirror[1], mirror[0], two]
        jets = [(*jet, tag) for jet, tag in zip(jets, (0.05, 0.1, 0.2, 0.9, 0.3), strict=True)]
        if min(itertools.combinations(range(5), 3), key=lambda ijk: abs(mass_of([jets[i] for i in ijk]) - 172.5)) == (
            (0, 1, 4)
        ):
            return jets


def mass_of(particles: list[Particle]) -> float:
    e, x, y, z = 0.0, 0.0, 0.0, 0.0
    for pt, eta, phi, mass, *_ in np.asarray(particles, np.float32).astype(float).tolist():
        e += math.hypot(pt * math.cosh(eta), mass)
        x, y, z = x + pt * math.cos(phi), y + pt * math.sin(phi), z + pt * math.sinh(eta)
    return math.sqrt(max(0.0, e * e - x * x - y * y - z * z))


def with_rdataframe(files: list[str], queries: tuple[str, ...] = adl.QUERIES, **distributed: Any) -> Answer:
    loop = adl.rdataframe(queries)
    loop.declare()
    df = ROOT.RDataFrame(TREE, files, **distributed)
    count, booked = df.Count(), loop.book(df)
    with contextlib.redirect_stdout(io.StringIO()):
        events = int(count.GetValue())
    return events, {
        name: Histogram.from_root(adl.definition(name), pointer.GetValue()) for name, pointer in booked.items()
    }


def with_coffea(files: list[str], chunk: int = 100_000, executor: Any = None, instance: Any = None) -> Answer:
    runner = processor.Runner(
        executor=executor or processor.IterativeExecutor(status=False),
        schema=adl.SCHEMA,
        chunksize=chunk,
        metadata_cache={},
    )
    with contextlib.redirect_stdout(io.StringIO()):
        fileset = {"s": {"treename": TREE, "files": files}}
        output: Any = runner(fileset, processor_instance=instance or adl.coffea(adl.QUERIES))
    return output["events"], {name: adl.to_histogram(name, arrays) for name, arrays in output["histograms"].items()}


def differences(one: Answer, two: Answer) -> list[str]:
    """Names of the histograms that differ in any bit; the numbers of events if those do."""
    if one[0] != two[0]:
        return [f"{one[0]} and {two[0]} events"]
    assert list(one[1]) == list(two[1])
    return [
        name
        for name, mine in one[1].items()
        if (mine.values != two[1][name].values).any() or (mine.sumw2 != two[1][name].sumw2).any()
    ]


def against_reference(answer: Answer, parts: list[Parts]) -> None:
    truth = [reference.tally({name: values for name, _, values in part}) for part in parts]
    for more in truth[1:]:
        truth[0].add(more)
    doubtful = {(doubt["histogram"], number) for doubt in truth[0].ambiguous for number in doubt["bins"]}
    assert answer[0] == truth[0].events
    for name, mine in answer[1].items():
        wrong = [int(number) for number in np.flatnonzero(mine.values != truth[0].counts[name])]
        assert [number for number in wrong if (name, number) not in doubtful] == []
        assert mine.values.sum() == truth[0].counts[name].sum()


def mutated_coffea(cut: str, wrong: str) -> ModuleType:
    """adl_coffea with `cut` replaced by `wrong`."""
    path = Path(adl_rdataframe.__file__).with_name("adl_coffea.py")
    assert cut in path.read_text()
    module = ModuleType("mutant")
    sys.modules["mutant"] = module  # the runner pickles the processor
    exec(compile(path.read_text().replace(cut, wrong), str(path), "exec"), module.__dict__)
    return module


def mutated_rdataframe(files: list[str], cut: str, wrong: str) -> Answer:
    """Queries 4 and 7 by an adl.cpp with `cut` replaced by `wrong`."""
    name = f"mutant{cut[2:]}"
    path = Path(adl_rdataframe.__file__)
    code = path.with_name("adl.cpp").read_text()
    assert cut in code
    code = code.replace(cut, wrong).replace("hepbench_adl", name).replace("HEPBENCH_ADL", f"{name}_guard")
    adl_rdataframe.compile_cpp(code, name)
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    exec(compile(path.read_text().replace("hepbench_adl", name), str(path), "exec"), module.__dict__)
    df = ROOT.RDataFrame(TREE, files)
    count, booked = df.Count(), module.Loop(("4", "7")).book(df)
    return int(count.GetValue()), {n: Histogram.from_root(adl.definition(n), h.GetValue()) for n, h in booked.items()}
