"""The truths of a dataset, one for each suite: made of the drawn events, never of what is in the files."""

import hashlib
import importlib
import importlib.util
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self, cast

from hepbench.datasets.children import Children, Send
from hepbench.datasets.content import BLOCK, make_block
from hepbench.datasets.errors import DataError, from_os_error
from hepbench.datasets.spec import Spec
from hepbench.datasets.store import MANIFEST, SCHEMA_VERSION, Store, truth_name, write_json

Emit = Callable[[dict[str, Any]], None]
# Blocks that one process takes: their truths are as long as that of one.
PIECE = 20


class Truth(Protocol):
    """What a right answer is, for some of the events."""

    def add(self, other: Self) -> None:
        """Adds the events of `other`, which come later."""
        ...

    def to_json(self) -> dict[str, Any]:
        """{events, histograms: {name: {bins, lo, hi, values, sumw2}}, ambiguous}, as suites/suite.ts has it."""
        ...


class Reference(Protocol):
    """The module hepbench.reference.<suite>."""

    def tally(self, columns: Mapping[str, Any]) -> Truth:
        """The truth of these events; `columns` are those of the tree, jagged ones concatenated."""
        ...

    def from_json(self, raw: Mapping[str, Any]) -> Truth:
        """The inverse of `to_json`."""
        ...


def reference(suite: str) -> Reference:
    """The reference of a suite; BAD_ARGUMENT when it has none."""
    name = f"hepbench.reference.{suite}"
    if importlib.util.find_spec(name) is None:
        where = f"analyses/src/hepbench/reference/{suite}.py"
        raise DataError("BAD_ARGUMENT", f"suite {suite} has no reference", f"write {where}: docs/adding-a-suite.md")
    return cast("Reference", importlib.import_module(name))


def write_truth(folder: Path, suite: str, content_hash: str, truth: Truth) -> dict[str, Any]:
    """Writes the truth beside the files; what the manifest says of it."""
    path = folder / truth_name(suite)
    write_json(path, {"schemaVersion": SCHEMA_VERSION, "suite": suite, "contentHash": content_hash} | truth.to_json())
    content = path.read_bytes()
    return {"suite": suite, "name": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def add_truth(store: Store, spec: Spec, suite: str, jobs: int, emit: Emit) -> None:
    """Makes the truth of `suite` for a dataset that is there and has none; draws all of its events once more."""
    module = reference(suite)
    with store.lock(spec.id, wait=True):
        manifest, folder = store.manifest(spec.id), store.folder(spec.id)
        if any(entry["suite"] == suite for entry in manifest["truths"]):
            return
        blocks = range(-(-spec.events // BLOCK))
        pieces = [partial(_piece, module, spec, blocks[at : at + PIECE]) for at in range(0, len(blocks), PIECE)]
        found: dict[int, Truth] = {}
        children = Children(jobs)
        try:
            for number, message in children.messages(pieces):
                if "result" in message:
                    found[number] = module.from_json(message["result"])
                    done = min(spec.events, len(found) * PIECE * BLOCK)
                    emit({"type": "progress", "done": done, "total": spec.events, "unit": "events of the truth"})
        finally:
            children.close()
        truth = found[0]
        for number in range(1, len(pieces)):
            truth.add(found[number])
        try:
            manifest["truths"].append(write_truth(folder, suite, manifest["contentHash"], truth))
            write_json(folder / "dataset.json.new", manifest)
            os.replace(folder / "dataset.json.new", folder / MANIFEST)
        except OSError as error:
            raise from_os_error(error, folder, 0) from error


def _piece(module: Reference, spec: Spec, blocks: range, _send: Send) -> dict[str, Any]:
    truth: Truth | None = None
    for number in blocks:
        block = make_block(spec.seed, number).cut(0, min(BLOCK, spec.events - number * BLOCK))
        one = module.tally({name: values for name, _, values in block.columns()})
        if truth is None:
            truth = one
        else:
            truth.add(one)
    return truth.to_json() if truth else {}
