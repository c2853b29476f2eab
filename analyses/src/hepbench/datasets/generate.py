"""Making a dataset: one process per file, the parent adds up what they report and writes the manifest last."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hepbench.datasets.children import Children, Send, Task
from hepbench.datasets.content import BLOCK, make_block
from hepbench.datasets.errors import disk_full, free_bytes, from_os_error
from hepbench.datasets.spec import Spec
from hepbench.datasets.store import MANIFEST, SCHEMA_VERSION, Store, write_json
from hepbench.datasets.truths import write_truth
from hepbench.datasets.writer import TREE, TreeWriter, load_root
from hepbench.reference import adl
from hepbench.reference.tally import Tally

SPACE_MARGIN = 1.05
PROGRESS_SECONDS = 0.5
Emit = Callable[[dict[str, Any]], None]


def generate(store: Store, spec: Spec, jobs: int, emit: Emit) -> dict[str, Any]:
    """The manifest of the dataset of `spec`, made now if it is not there; safe against another process doing the same.

    Emits progress lines. Raises DataError, DISK_FULL among others; then nothing is left behind.
    """
    with store.lock(spec.id, wait=False) as free:
        if free:
            return _generate(store, spec, jobs, emit)
    emit({"type": "waiting", "id": spec.id, "message": "another process is making this dataset"})
    with store.lock(spec.id, wait=True):
        return _generate(store, spec, jobs, emit)


def check_space(folder: Path, needed: int) -> None:
    """DISK_FULL when `needed` bytes would not fit into the file system of `folder`."""
    if free_bytes(folder) < needed:
        raise disk_full(folder, needed)


def _generate(store: Store, spec: Spec, jobs: int, emit: Emit) -> dict[str, Any]:
    if store.has(spec.id):
        return store.manifest(spec.id)
    needed = int(spec.estimated_bytes() * SPACE_MARGIN)
    check_space(store.root, needed)
    load_root()  # before forking, so that every process does not compile the filler again
    try:
        with store.building(spec.id) as folder:
            manifest, truth = _build(spec, folder, jobs, emit)
            manifest["truths"] = [write_truth(folder, "adl", manifest["contentHash"], truth)]
            write_json(folder / MANIFEST, manifest)
    except OSError as error:
        raise from_os_error(error, store.root, needed) from error
    return manifest


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _build(spec: Spec, folder: Path, jobs: int, emit: Emit) -> tuple[dict[str, Any], Tally]:
    """Write all files; the manifest (without its truths) and the truth."""
    edges, children = spec.boundaries(), Children(jobs)
    tasks = [_task(spec, folder, i, edges[i], edges[i + 1]) for i in range(spec.files)]
    results: dict[int, dict[str, Any]] = {}
    done, told = 0, 0.0
    try:
        for number, message in children.messages(tasks):
            done += message.get("events", 0)
            if "result" in message:
                results[number] = message["result"]
            if (now := time.monotonic()) - told >= PROGRESS_SECONDS or done == spec.events:
                emit({"type": "progress", "done": done, "total": spec.events, "unit": "events"})
                told = now
    finally:
        children.close()
    return _combine(spec, [results[number] for number in range(spec.files)])


def _combine(spec: Spec, results: list[dict[str, Any]]) -> tuple[dict[str, Any], Tally]:
    digests = {int(block): digest for result in results for block, digest in result["digests"].items()}
    content_hash = _sha256("".join(digests[block] for block in sorted(digests)).encode())
    truth = Tally(adl.AXES)
    columns: dict[str, dict[str, Any]] = {}
    for result in results:
        truth.add(Tally.from_json(result["truth"]))
        for name, column in result["columns"].items():
            total = columns.setdefault(name, {"type": column["type"], "compressedBytes": 0, "uncompressedBytes": 0})
            for key in ("compressedBytes", "uncompressedBytes"):
                total[key] += column[key]
    manifest = {
        "schemaVersion": SCHEMA_VERSION,
        "id": spec.id,
        "spec": spec.to_json(),
        "contentHash": content_hash,
        "bytes": sum(result["file"]["bytes"] for result in results),
        "events": spec.events,
        "files": [result["file"] for result in results],
        "columns": columns,
        "tree": TREE,
    }
    return manifest, truth


def _task(spec: Spec, folder: Path, number: int, first: int, end: int) -> Task:
    return lambda send: write_file(spec, folder / f"f{number:04d}.root", first, end, send)


def write_file(spec: Spec, path: Path, first: int, end: int, send: Send) -> dict[str, Any]:
    """Write the events first to end (exclusive); what the manifest says of the file, its columns and its blocks.

    A block that spans two files is counted, in truth and digests, by the file that holds its first event.
    """
    writer = TreeWriter(path, spec.compression, spec.cluster_events)
    truth, digests = Tally(adl.AXES), {}
    for number in range(first // BLOCK, -(-end // BLOCK)):
        start = number * BLOCK
        block = make_block(spec.seed, number).cut(0, min(BLOCK, spec.events - start))
        if start >= first:
            digests[number] = block.digest()
            truth.add(adl.tally({name: values for name, _, values in block.columns()}))
        piece = block.cut(max(first - start, 0), min(end - start, block.events))
        writer.append(piece)
        send({"events": piece.events})
    columns, clusters = writer.close()
    stat = os.stat(path)
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    entry = {
        "name": path.name,
        "firstEvent": first,
        "events": end - first,
        "bytes": stat.st_size,
        "sha256": checksum,
        "mtimeNs": stat.st_mtime_ns,
        "clusters": clusters,
    }
    return {"file": entry, "columns": columns, "digests": digests, "truth": truth.to_json()}
