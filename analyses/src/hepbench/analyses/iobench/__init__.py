"""Suite `iobench`: reads columns and does nothing with them, the floor for all suites (suites/iobench/README.md).

Every part is one plain Dask task. `rdataframe` stands for ROOT: `TBranch::GetEntry` of each column, compiled, without
RDataFrame in between. `coffea` stands for uproot: `arrays` of all columns, without NanoEvents in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepbench.analyses import AnalysisError, no_backend, require_columns
from hepbench.analysis import Analysis, Answer, Kind, Mark, Workload
from hepbench.backends.cpp import compile_cpp
from hepbench.backends.tasks import kinds_of, run_tasks
from hepbench.histograms import Definition, Histogram

CODE = Path(__file__).with_name("iobench.cpp").read_text()


class Sums(NamedTuple):
    """Of some events: of each column the sum of its bits modulo 2^32, and the number of its values, both uint64."""

    events: int
    sums: NDArray[Any]
    values: NDArray[Any]
    bytes_read: int | None


def merge(one: Sums, two: Sums) -> Sums:
    """The sums of both."""
    read = None if one.bytes_read is None or two.bytes_read is None else one.bytes_read + two.bytes_read
    return Sums(one.events + two.events, (one.sums + two.sums) % 2**32, one.values + two.values, read)


def analysis(backend: str, parameters: Mapping[str, str], columns: Sequence[str] = (), edit: int = 0) -> Analysis:
    """Reads the planned columns: which ones, suite.ts finds from the sizes of the branches."""
    if backend not in ("rdataframe", "coffea"):
        raise no_backend("iobench", backend)
    return Reading(backend, columns, edit)


@dataclass(frozen=True)
class Reading:
    """See hepbench.analysis.Analysis."""

    backend: str
    read: Sequence[str]
    edit: int
    loops: int = 1

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """See Analysis."""
        return kinds_of("iobench")

    def columns(self) -> Sequence[str]:
        """Those of the plan."""
        return self.read

    def prepare(self, workload: Workload, client: Any) -> None:
        """Imports, and compiles here; workers do it in their first task."""
        if workload.threads > 1:
            raise AnalysisError(f"iobench reads with one thread, not {workload.threads}; say --serial-threads 1")
        self.warm("", "")

    def run(self, workload: Workload, client: Any, mark: Mark) -> Sums:
        """The sums of all parts."""
        # Without Dask a file is read from its beginning to its end, as a plain loop would.
        calls = [
            (read_part, self.backend, workload.files[file], workload.tree, tuple(self.read), start, stop, self.edit)
            for file, start, stop in workload.parts
        ]
        return run_tasks(client, "iobench", calls, merge, mark)

    def answer(self, result: Sums) -> Answer:
        """One histogram with a bin for each column: its sum, and its number of values in place of the squares."""
        count = len(self.read)
        definition = Definition("columns", "Bits of each column, modulo 2^32;column;sum", count, 0.0, float(count))
        sums, values = (np.pad(numbers.astype(np.float64), 1) for numbers in (result.sums, result.values))
        return Answer(result.events, [Histogram(definition, sums, values).to_json()], result.bytes_read)

    def warm(self, tree: str, file: str) -> None:
        """Imports and compiles; reads nothing."""
        if self.backend == "rdataframe":
            _reader(self.edit)
        else:
            import uproot  # noqa: F401


def read_part(backend: str, path: str, tree: str, columns: tuple[str, ...], start: int, stop: int, edit: int) -> Sums:
    """Reads the events from `start` up to, but not including, `stop` of one file."""
    if backend == "rdataframe":
        return _with_root(path, tree, columns, start, stop, edit)
    return _with_uproot(path, tree, columns, start, stop)


@lru_cache
def _reader(edit: int) -> Any:
    """The compiled reader; with another `edit` it is compiled anew under another name."""
    import ROOT

    name = f"hepbench_iobench_{edit}"
    compile_cpp(CODE.replace("hepbench_iobench", name), "iobench.cpp")
    return getattr(ROOT, name).read


def _with_root(path: str, tree: str, columns: tuple[str, ...], start: int, stop: int, edit: int) -> Sums:
    result = _reader(edit)(path, tree, list(columns), start, stop)
    if result.error:
        raise AnalysisError(str(result.error))
    sums, values = (np.array(list(numbers), np.uint64) for numbers in (result.sums, result.values))
    return Sums(stop - start, sums, values, None)


def _with_uproot(path: str, tree: str, columns: tuple[str, ...], start: int, stop: int) -> Sums:
    import uproot

    opened: Any = uproot.open(path)
    with opened as file:
        events = file[tree]
        if events.num_entries < stop:
            raise AnalysisError(f"{path} does not hold {stop} events")
        require_columns(columns, events.keys(filter_name=list(columns)), path)
        arrays = events.arrays(list(columns), entry_start=start, entry_stop=stop, how=dict)
        found = [_bits(arrays[name]) for name in columns]
        read = int(events.file.source.num_requested_bytes)
    sums, values = (np.array(numbers, np.uint64) for numbers in zip(*found, strict=True))
    return Sums(stop - start, sums, values, read)


def _bits(column: Any) -> tuple[int, int]:
    """The sum of the bits of all values modulo 2^32, and the number of values; 8 bytes are two words of 4."""
    flat = column.layout
    if flat.is_list:
        # The high-level functions of awkward take a millisecond for each column.
        flat = flat.content[flat.offsets[0] : flat.offsets[-1]]
    words = np.ascontiguousarray(flat.data).view(f"u{min(flat.data.itemsize, 4)}")
    return int(np.add.reduce(words, dtype=np.uint32)), len(flat)
