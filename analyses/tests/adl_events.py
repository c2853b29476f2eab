"""Small files with generated or planted events, and the answers of both backends and of the reference for them."""

import contextlib
import io
import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import ROOT
from coffea import processor
from coffea.nanoevents import BaseSchema

from hepbench.analyses import adl
from hepbench.datasets.content import make_block
from hepbench.datasets.writer import TREE, TreeWriter
from hepbench.histograms import Histogram
from hepbench.reference import adl as reference

Parts = list[tuple[str, str, Any]]
Answer = tuple[int, dict[str, Histogram]]
SCHEMA: Any = BaseSchema
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
        schema=SCHEMA,
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


def truth_of(parts: list[Parts]) -> reference.Tally:
    truth = [reference.tally({name: values for name, _, values in part}) for part in parts]
    for more in truth[1:]:
        truth[0].add(more)
    return truth[0]


def differing(answer: Answer, truth: reference.Tally) -> list[str]:
    """Where the answer differs from the truth, but for the bins that are in doubt."""
    doubtful = {(doubt["histogram"], number) for doubt in truth.ambiguous for number in doubt["bins"]}
    found = [] if answer[0] == truth.events else [f"{answer[0]} events"]
    for name, mine in answer[1].items():
        wrong = (mine.values != truth.counts[name]) | (mine.sumw2 != truth.counts[name])
        found += [f"{name}, bin {n}" for n in np.flatnonzero(wrong) if (name, int(n)) not in doubtful]
        if mine.values.sum() != truth.counts[name].sum():
            found.append(f"{name}: {mine.values.sum()} entries")
    return found


def against_reference(answer: Answer, parts: list[Parts]) -> None:
    assert differing(answer, truth_of(parts)) == []
