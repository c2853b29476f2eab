"""The command line for the TypeScript side: one JSON object per line on standard output, everything else on stderr.

Exit codes: 0 good, 1 bug, 2 wrong arguments or sizes, 3 data or store not usable, 130 or 143 interrupted.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TextIO

from hepbench.datasets.errors import DataError
from hepbench.datasets.generate import generate
from hepbench.datasets.spec import Spec, make_spec, spec_defaults, spec_for_size, spec_from_json
from hepbench.datasets.store import Store
from hepbench.datasets.truths import add_truth
from hepbench.datasets.verify import verify
from hepbench.lifetime import die_with_parent

USAGE_CODES = ("BAD_SIZE", "BAD_ARGUMENT")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are protocol lines."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage."""
        raise DataError("BAD_ARGUMENT", message, f"see {self.prog} --help")


def _parser() -> Parser:
    parser = Parser(prog="python -m hepbench.datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "resolve": "sizes -> specification and identity, nothing is made",
        "generate": "make the dataset unless it is there",
        "verify": "compare a dataset with its manifest",
        "list": "the datasets of the store",
        "clean": "remove the named datasets, or all",
        "hold": "keep the named datasets from being removed, until standard input ends",
    }
    parsers = {name: commands.add_parser(name, help=text) for name, text in helps.items()}
    for command in parsers.values():
        command.add_argument("--store", type=Path, required=True, help="the folder that holds datasets")
    for name in ("resolve", "generate"):
        _add_sizes(parsers[name])
    parsers["generate"].add_argument("--truth", default="adl", help="the suite of which the truth is needed")
    parsers["generate"].add_argument("--jobs", type=int, default=1, help="files written at the same time")
    parsers["verify"].add_argument("id")
    parsers["verify"].add_argument("--full", action="store_true", help="read every file and compare its SHA-256")
    parsers["clean"].add_argument("ids", nargs="*", metavar="id")
    parsers["hold"].add_argument("ids", nargs="+", metavar="id")
    return parser


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    defaults = spec_defaults()
    parser.add_argument("--spec", help="a specification (JSON) as printed by resolve, instead of all other sizes")
    parser.add_argument("--files", type=int, help="number of files")
    parser.add_argument("--file-size", type=int, help="bytes per file; or give --events")
    parser.add_argument("--events", type=int, help="events in all files together; or give --file-size")
    parser.add_argument("--seed", type=int, default=defaults["seed"])
    parser.add_argument("--compression", type=int, default=defaults["compression"], help="ROOT's code, 505: zstd")
    parser.add_argument("--cluster-events", type=int, default=defaults["cluster_events"], help="events per cluster")


def _spec(options: argparse.Namespace) -> Spec:
    hint = "give --spec, or --files with one of --file-size and --events"
    if options.spec is not None:
        try:
            return spec_from_json(json.loads(options.spec))
        except json.JSONDecodeError as error:
            raise DataError("BAD_ARGUMENT", f"--spec is not JSON: {error}", hint) from error
    common = (options.seed, options.compression, options.cluster_events)
    if options.files is None or (options.file_size is None) == (options.events is None):
        raise DataError("BAD_ARGUMENT", "the size is not given, or twice", hint)
    if options.events is not None:
        return make_spec(options.events, options.files, *common)
    return spec_for_size(options.files, options.file_size, *common)


class Commands:
    """The commands; each prints its lines through `emit`."""

    def __init__(self, options: argparse.Namespace, out: TextIO) -> None:
        self._options = options
        self._out = out
        self._store = Store(options.store)

    def emit(self, line: dict[str, Any]) -> None:
        """Print one protocol line."""
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._out.flush()

    def resolve(self) -> None:
        """Print the specification."""
        spec = _spec(self._options)
        edges, path = spec.boundaries(), self._store.folder(spec.id)
        self.emit({
            "type": "spec", "id": spec.id, "spec": spec.to_json(), "estimatedBytes": spec.estimated_bytes(),
            "eventsPerFile": [stop - start for start, stop in pairwise(edges)],
            "present": self._store.has(spec.id), "path": str(path),
        })  # fmt: skip

    def generate(self) -> None:
        """Make the dataset; if it was there, check it as `verify` does."""
        if not 1 <= self._options.jobs <= 1024:
            raise DataError("BAD_ARGUMENT", f"--jobs is {self._options.jobs}", "choose --jobs from 1 to 1024")
        spec = _spec(self._options)
        generate(self._store, spec, self._options.jobs, self.emit)
        add_truth(self._store, spec, self._options.truth, self._options.jobs, self.emit)
        self._dataset(verify(self._store, spec.id, False, self.emit))

    def verify(self) -> None:
        """Check one dataset."""
        self._dataset(verify(self._store, self._options.id, self._options.full, self.emit))

    def list(self) -> None:
        """Print every dataset; one whose manifest cannot be read is shown as damaged."""
        for name in self._store.ids():
            try:
                self._dataset(self._store.manifest(name))
            except DataError as error:
                self.emit({**error.to_json(), "type": "damaged", "id": name, "path": str(self._store.folder(name))})

    def clean(self) -> None:
        """Remove datasets and the leftovers of killed processes."""
        known = sorted({*self._store.ids(), *self._store.leftovers()})
        for name in self._options.ids or known:
            if name not in known:
                self._store.manifest(name)  # raises DATA_MISSING
            with self._store.lock(name, wait=False) as free, self._store.unread(name) as unread:
                if not (free and unread):
                    doing = "read by a run" if free else "being made by another process"
                    raise DataError("DATA_BUSY", f"{name} is {doing}", "wait until it has ended")
                self.emit({"type": "removed", "id": name, "bytes": self._store.remove(name)})

    def hold(self) -> None:
        """Keep datasets from being removed until standard input ends."""
        with contextlib.ExitStack() as held:
            for name in self._options.ids:
                held.enter_context(self._store.reading(name))
                self._store.manifest(name)  # raises DATA_MISSING
            self.emit({"type": "held"})
            sys.stdin.read()

    def _dataset(self, manifest: dict[str, Any]) -> None:
        self.emit({"type": "dataset", **manifest, "path": str(self._store.folder(manifest["id"]))})


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # ROOT prints on standard output; from here on that is standard error
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    die_with_parent(sig=signal.SIGTERM)
    try:
        options = _parser().parse_args(arguments)
        getattr(Commands(options, out), options.command)()
    except DataError as error:
        out.write(json.dumps(error.to_json()) + "\n")
        out.flush()
        return 2 if error.code in USAGE_CODES else 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
