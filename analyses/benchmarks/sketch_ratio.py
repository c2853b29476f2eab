"""Events per CPU-second of the ADL queries 1 to 6: the sketches that came before hepbench against its own analyses.

Each side and backend runs serially in a process of its own, warmed up by one run; then both sides take turns.
"""

import argparse
import contextlib
import importlib
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

QUERIES = ("1", "2", "3", "4", "5", "6")
SIDES, BACKENDS = ("sketch", "ours"), ("rdataframe", "coffea")
CHUNK = 50_000
Run = Callable[[], int]


def main() -> None:
    """Prints a table on standard error and one JSON document on standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sketch", required=True, help="folder with the sketches' ana.py")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--queries", default=",".join(QUERIES), help="of our side; the sketches run 1 to 6")
    parser.add_argument("--serve", nargs=2, metavar=("SIDE", "BACKEND"), help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve, options)
        return
    result = {backend: measure(backend, options.pairs) for backend in BACKENDS}
    for backend, row in result.items():
        print_table(backend, row)
    print(json.dumps(result))


def measure(backend: str, pairs: int) -> dict[str, Any]:
    """Events per CPU-second of `pairs` runs of each side, in turns, and their ratios."""
    servers = {side: start(side, backend) for side in SIDES}
    try:
        cold = {side: ask(server)["cpu"] for side, server in servers.items()}
        rates: dict[str, list[float]] = {side: [] for side in SIDES}
        for _ in range(pairs):
            for side, server in servers.items():
                answer = ask(server)
                rates[side].append(answer["events"] / answer["cpu"])
    finally:
        for server in servers.values():
            server.terminate()
            server.wait()
    ratios = [ours / sketch for ours, sketch in zip(rates["ours"], rates["sketch"], strict=True)]
    summary = {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}
    return {"coldCpuSeconds": cold, "eventsPerCpuSecond": rates, "ratios": ratios, "ratio": summary}


def start(side: str, backend: str) -> "subprocess.Popen[str]":
    """A process that runs once for each line that it is sent."""
    command = [sys.executable, __file__, "--serve", side, backend, *sys.argv[1:]]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(server: "subprocess.Popen[str]") -> dict[str, float]:
    """The server's next run."""
    assert server.stdin
    assert server.stdout
    print("go", file=server.stdin, flush=True)
    answer = server.stdout.readline()
    if not answer:
        raise SystemExit("a side failed; its messages are above")
    return json.loads(answer)


def print_table(backend: str, row: dict[str, Any]) -> None:
    """The pairs of one backend for people."""
    print(f"{backend:12}{'sketch':>12}{'ours':>12}{'ratio':>8}   (events per CPU-second)", file=sys.stderr)
    rates = row["eventsPerCpuSecond"]
    for number, (sketch, ours, ratio) in enumerate(zip(rates["sketch"], rates["ours"], row["ratios"], strict=True), 1):
        print(f"  pair {number:<5}{sketch:12.0f}{ours:12.0f}{ratio:8.2f}", file=sys.stderr)
    ratio, cold = row["ratio"], row["coldCpuSeconds"]
    print(f"  ratio: median {ratio['median']:.2f}, {ratio['min']:.2f} to {ratio['max']:.2f}", file=sys.stderr)
    print(f"  first run: sketch {cold['sketch']:.1f}, ours {cold['ours']:.1f} CPU-seconds", file=sys.stderr)


def serve(side: str, backend: str, options: argparse.Namespace) -> None:
    """Answers every line on standard input with {events, cpu} of one run; all other output goes to standard error."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        sys.path[:0] = [options.sketch, str(Path(__file__).parent.parent / "src")]
        prepare = {"rdataframe": rdataframe, "coffea": coffea}[backend]
        run: Run | None = None
        for _ in sys.stdin:
            cpu = time.process_time()
            run = run or prepare(side == "ours", options.queries.split(","), options.files)
            with contextlib.redirect_stdout(io.StringIO()):
                events = run()
            print(json.dumps({"events": events, "cpu": time.process_time() - cpu}), file=out, flush=True)


def rdataframe(ours: bool, queries: list[str], files: list[str]) -> Run:
    """One event loop with RDataFrame."""
    import ROOT

    from hepbench.analyses import adl

    side: Any = adl.rdataframe(queries) if ours else importlib.import_module("ana")
    side.declare()

    def run() -> int:
        df = ROOT.RDataFrame("Events", files)
        count = df.Count()
        booked = side.book(df) if ours else side.rdf_adl(df)
        events = int(count.GetValue())
        for pointer in booked.values():
            pointer.GetValue()
        return events

    return run


def coffea(ours: bool, queries: list[str], files: list[str]) -> Run:
    """One pass with coffea's eager runner."""
    from coffea import processor
    from coffea.nanoevents import BaseSchema, NanoAODSchema

    from hepbench.analyses import adl

    NanoAODSchema.warn_missing_crossrefs = False
    schema = BaseSchema if ours else NanoAODSchema
    instance = adl.coffea(queries) if ours else importlib.import_module("ana").make_processor()("adl")

    def run() -> int:
        runner = processor.Runner(
            executor=processor.IterativeExecutor(status=False), schema=schema, chunksize=CHUNK, metadata_cache={}
        )
        output = runner({"s": {"treename": "Events", "files": files}}, processor_instance=instance)
        return int(output["events" if ours else "n"])

    return run


if __name__ == "__main__":
    main()
