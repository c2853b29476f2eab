"""The events themselves: one block of 10,000, a pure function of (seed, block number)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hepbench.datasets import schema
from hepbench.datasets.draw import Array, Bits, choice, tail, truncate, uniform
from hepbench.datasets.fillers import fillers
from hepbench.datasets.leptons import ELECTRON, MUON, leptons, sorted_descending
from hepbench.datasets.planted import LAST, plant, positions

BLOCK = 10_000
# As in NanoAOD before version 12 and in the open data of CMS; since then counters are signed. Real files have either.
UNSIGNED = ("Jet", "Electron", "GenPart", "SV")
EVENT, TRIGGER, COUNTS, JET, MUON_STREAM, ELECTRON_STREAM, OTHER = range(7)


@dataclass(frozen=True)
class Block:
    """Consecutive events: `flat` columns, `counts` (int32) per collection, and the `jagged` columns, concatenated."""

    flat: dict[str, Array]
    counts: dict[str, Array]
    jagged: dict[str, dict[str, Array]]

    @property
    def events(self) -> int:
        """Number of events."""
        return len(self.flat["event"])

    def cut(self, low: int, high: int) -> "Block":
        """The events low to high (exclusive) as views."""
        if (low, high) == (0, self.events):
            return self
        jagged = {}
        for name, counts in self.counts.items():
            start, stop = int(counts[:low].sum()), int(counts[:high].sum())
            jagged[name] = {key: values[start:stop] for key, values in self.jagged[name].items()}
        flat = {name: values[low:high] for name, values in self.flat.items()}
        return Block(flat, {name: counts[low:high] for name, counts in self.counts.items()}, jagged)

    def columns(self) -> Iterator[tuple[str, str, Array]]:
        """(column, its counter or "", values) in file order; a counter comes before the columns it counts."""
        for name, values in self.flat.items():
            yield name, "", values
        for collection, columns in self.jagged.items():
            counts = self.counts[collection]
            yield f"n{collection}", "", counts.astype(np.uint32) if collection in UNSIGNED else counts
            for name, values in columns.items():
                yield f"{collection}_{name}" if name else collection, f"n{collection}", values

    def digest(self) -> str:
        """SHA-256 over the names, types and values of all columns."""
        total = hashlib.sha256()
        for name, _, values in self.columns():
            total.update(f"{name}:{values.dtype.str}:{len(values)};".encode())
            total.update(np.ascontiguousarray(values).data)
        return total.hexdigest()


@lru_cache
def _event_tables() -> tuple[Array, Array]:
    return tail(0, 1, 22), choice((1, -1), (98, 2), np.float32)


def _scalars(seed: int, number: int, process: Array) -> dict[str, Array]:
    bits, index = Bits(seed, number, EVENT), np.arange(number * BLOCK, (number + 1) * BLOCK, dtype=np.uint64)
    exponential, sign = _event_tables()
    scale = np.array([21.0, 19.0, 15.0])[process]
    flat = {
        "run": np.full(BLOCK, 1, np.uint32),
        "luminosityBlock": (index // 1000 + 1).astype(np.uint32),
        "event": index,
        "MET_pt": (scale * (bits.draw(exponential, BLOCK).astype(np.float64) + bits.draw(exponential, BLOCK))).astype(
            np.float32
        ),
        "MET_phi": bits.angle(BLOCK),
        "genWeight": bits.draw(sign, BLOCK),
    }
    flat |= {name: bits.draw(table, BLOCK) for name, table in schema.scalars().items()}
    flags = bits.words(BLOCK * len(schema.FLAGS), np.uint16).reshape(len(schema.FLAGS), BLOCK) >= 40
    return flat | {f"Flag_{name}": row for name, row in zip(schema.FLAGS, flags, strict=True)}


def _triggers(seed: int, number: int) -> dict[str, Array]:
    names, thresholds = schema.trigger_names(), schema.trigger_thresholds()
    words = Bits(seed, number, TRIGGER).words(BLOCK * len(names), np.uint16).reshape(len(names), BLOCK)
    return dict(zip(names, words < thresholds[:, None], strict=True))


@lru_cache
def _jet_tables() -> tuple[Array, Array]:
    return tail(0, 1, 20, power=1.2), uniform(0.05, 0.22, 10)


def _jets(bits: Bits, process: Array, counts: Array) -> dict[str, Array]:
    spectrum, ratio = _jet_tables()
    total = int(counts.sum())
    slope = np.repeat(np.array([34.0, 13.0, 14.0], np.float32)[process], counts)
    pt = sorted_descending(counts, truncate(np.float32(15) + slope * bits.draw(spectrum, total), 10))
    mass = truncate(np.float32(2) + pt * bits.draw(ratio, total), 10)
    drawn = {name: bits.draw(table, total) for name, table in schema.jets().items()}
    return {"pt": pt, "eta": drawn.pop("eta"), "phi": drawn.pop("phi"), "mass": mass} | drawn


def _multiplicities(bits: Bits, process: Array) -> dict[str, Array]:
    counts = {}
    for name, tables in schema.multiplicities().items():
        drawn = [bits.draw(table, BLOCK) if len(table) > 1 else np.full(BLOCK, table[0]) for table in tables]
        counts[name] = np.choose(process, drawn)
    return counts


def _draw_all(bits: Bits, tables: schema.Tables, total: int) -> dict[str, Array]:
    return {name: bits.draw(table, total) for name, table in tables.items()}


def _collection(seed: int, number: int, stream: int, name: str, counts: Array) -> dict[str, Array]:
    columns = _draw_all(Bits(seed, number, stream), fillers()[name], int(counts.sum()))
    if "pt" in columns and name not in ("GenPart", "LHEPart"):
        columns["pt"] = sorted_descending(counts, columns["pt"])
    return columns


def make_block(seed: int, number: int) -> Block:
    """The events number * 10,000 to (number + 1) * 10,000 of the endless sequence of `seed`."""
    bits = Bits(seed, number, COUNTS)
    process = bits.draw(schema.PROCESS_TABLE, BLOCK)
    fate = bits.words(BLOCK, np.uint16)
    counts, jagged = _multiplicities(bits, process), {}
    places = positions(number * BLOCK, BLOCK)
    free = np.ones(BLOCK, bool)
    for at, event in places:
        free[at] = False
        for name in LAST:
            counts[name][at] = len(event.objects(name))
    jagged["Jet"] = _jets(Bits(seed, number, JET), process, counts["Jet"])
    is_z = free & (process == schema.PROCESSES.index("dy"))
    species = (
        ("Muon", MUON, MUON_STREAM, schema.muons(), is_z & (fate < 20_000)),
        ("Electron", ELECTRON, ELECTRON_STREAM, schema.electrons(), is_z & (fate >= 20_000) & (fate < 38_000)),
    )
    for name, kind, stream, tables, planted in species:
        source = Bits(seed, number, stream)
        counts[name], jagged[name] = leptons(source, kind, counts[name], planted)
        jagged[name] |= _draw_all(source, tables, int(counts[name].sum()))
    for offset, name in enumerate(fillers()):
        jagged[name] = _collection(seed, number, OTHER + offset, name, counts[name])
    flat = _scalars(seed, number, process) | _triggers(seed, number)
    for name in LAST:
        plant(places, name, counts[name], jagged[name])
    for at, event in places:
        flat["MET_pt"][at], flat["MET_phi"][at] = event.met, event.met_phi
    return Block(flat, counts, jagged)
