"""How near iobench comes to a plain loop over the same columns: TTreeReader in C++, uproot.arrays in Python.

`npm run bench:iobench` runs it. Plain loops run in this process, one file after the other; iobench runs on a Dask
cluster of one worker, through the function that the driver calls, one task for each file. Both in turn, so that both
see the same machine. Each pair gives two ratios: of the rates by the wall clock, from trigger to result, and of the
rates by CPU time of the process that reads, Dask's own threads included. Data are made in a folder that goes away.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hepbench.analysis import Workload
from hepbench.backends.cpp import compile_cpp
from hepbench.datasets.generate import generate
from hepbench.datasets.spec import make_spec
from hepbench.datasets.store import Store
from hepbench.driver.execute import execute

Measured = tuple[float, float]  # wall and CPU seconds


def main() -> None:
    """Prints one JSON object for each backend and choice of columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2)
    parser.add_argument("--events", type=int, default=80_000, help="in all files")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--columns", type=int, action="append", help="of all columns every n-th; may be given again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, spec = Store(Path(folder)), make_spec(options.events, options.files, 1, 505, 2_000)
        manifest = generate(store, spec, 2, lambda _line: None)
        files = [str(store.folder(spec.id) / entry["name"]) for entry in manifest["files"]]
        with _cluster() as client:
            for every in options.columns or [16, 2]:
                columns = _with_counters(list(manifest["columns"])[::every], manifest["columns"])
                for backend, plain in (("rdataframe", _tree_reader(columns, manifest)), ("coffea", _uproot)):
                    workload = _workload(backend, files, columns, manifest)
                    print(json.dumps(_compare(backend, workload, client, plain, options.pairs)), flush=True)


def _with_counters(columns: list[str], described: dict[str, Any]) -> list[str]:
    counters = [described[name]["type"].partition("[")[2].rstrip("]") for name in columns]
    return list(dict.fromkeys(name for name in [*counters, *columns] if name))


def _cluster() -> Any:
    from dask import config
    from distributed import Client, LocalCluster

    config.set({"distributed.worker.profile.enabled": False})  # as in the clusters of `bench`
    local: Any = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
    return Client(local)


def _workload(backend: str, files: list[str], columns: list[str], manifest: dict[str, Any]) -> Workload:
    parts = [(number, 0, int(entry["events"])) for number, entry in enumerate(manifest["files"])]
    return Workload(
        trial="t",
        suite="iobench",
        backend=backend,
        parameters={},
        files=files,
        tree=manifest["tree"],
        columns=columns,
        events=manifest["events"],
        tasks=len(files),
        parts=parts,
        threads=1,
        edit=0,
        page_cache="warm",
    )


def _compare(
    backend: str, workload: Workload, client: Any, plain: Callable[[Workload], int], pairs: int
) -> dict[str, Any]:
    walls, cpus = [], []
    for pair in range(pairs + 1):
        sides: list[Callable[[], Measured]] = [lambda: _plain(plain, workload), lambda: _ours(workload, client)]
        # The first of the two is the second in the next pair.
        measured = [sides[side]() for side in ((0, 1) if pair % 2 else (1, 0))]
        theirs, ours = measured if pair % 2 else measured[::-1]
        if pair > 0:  # the first compiles
            walls.append(theirs[0] / ours[0])
            cpus.append(theirs[1] / ours[1])
    return {
        "backend": backend,
        "columns": len(workload.columns),
        "events": workload.events,
        "pairs": pairs,
        "rateRatio": statistics.median(walls),
        "rateRatios": [round(ratio, 3) for ratio in walls],
        "cpuRateRatio": statistics.median(cpus),
        "cpuRateRatios": [round(ratio, 3) for ratio in cpus],
    }


def _plain(loop: Callable[[Workload], int], workload: Workload) -> Measured:
    wall, cpu = time.perf_counter(), time.process_time()
    if (events := loop(workload)) != workload.events:
        raise RuntimeError(f"the plain loop read {events} events, not {workload.events}")
    return time.perf_counter() - wall, time.process_time() - cpu


def _ours(workload: Workload, client: Any) -> Measured:
    marks: dict[str, float] = {}
    before = sum(client.run(time.process_time).values())
    answer = execute(workload, client, lambda name: marks.update({name: time.perf_counter()}))
    cpu = sum(client.run(time.process_time).values()) - before
    if answer.events != workload.events:
        raise RuntimeError(f"iobench read {answer.events} events, not {workload.events}")
    return marks["result"] - marks["trigger"], cpu


def _uproot(workload: Workload) -> int:
    import uproot

    events = 0
    for path in workload.files:
        opened: Any = uproot.open(path)
        with opened as file:
            events += len(file[workload.tree].arrays(workload.columns))
    return events


def _tree_reader(columns: list[str], manifest: dict[str, Any]) -> Callable[[Workload], int]:
    """A typed loop that looks at every value once."""
    import ROOT

    kinds = {"float32": "float", "int32": "int", "uint32": "unsigned", "int16": "short", "uint16": "unsigned short",
             "int8": "signed char", "uint8": "unsigned char", "uint64": "ULong64_t", "bool": "bool"}  # fmt: skip
    readers, body = [], []
    for number, name in enumerate(columns):
        kind, _, counter = manifest["columns"][name]["type"].partition("[")
        of = "TTreeReaderArray" if counter else "TTreeReaderValue"
        readers.append(f'{of}<{kinds[kind]}> c{number}(reader, "{name}");')
        body.append(f"for (auto x : c{number}) sum += x;" if counter else f"sum += *c{number};")
    name = f"plain_{len(columns)}"
    code = f"""
    long {name}(const char* path, const char* tree) {{
      TFile file(path);
      TTreeReader reader(tree, &file);
      {" ".join(readers)}
      long events = 0;
      volatile double result = 0;
      while (reader.Next()) {{
        double sum = 0;
        {" ".join(body)}
        result = result + sum;
        ++events;
      }}
      return events;
    }}"""
    ROOT.gInterpreter.ProcessLine(".O 2")
    compile_cpp(f"#include <TTreeReaderArray.h>\n#include <TTreeReaderValue.h>\n#include <TFile.h>\n{code}", name)
    return lambda workload: sum(int(getattr(ROOT, name)(path, workload.tree)) for path in workload.files)


if __name__ == "__main__":
    main()
