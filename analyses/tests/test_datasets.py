"""Datasets through their command line: content, sizes, and what a kill, a lie or a full disk leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

from hepbench.datasets.content import make_block
from hepbench.datasets.spec import Spec, events_per_file, spec_for_size
from hepbench.reference import adl

EVENTS = 24_000
ADL = ["MET_pt", "MET_phi", "nJet", "nMuon", "nElectron", "Jet_btagCSVV2", "Muon_charge", "Electron_charge"]
ADL += [f"{x}_{key}" for x in ("Jet", "Muon", "Electron") for key in ("pt", "eta", "phi", "mass")]
COMMAND = [sys.executable, "-m", "hepbench.datasets"]


def start(store: Path, command: str, *options: Any) -> subprocess.Popen[str]:
    words = [*COMMAND, command, "--store", str(store), *map(str, options)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]]]:
    out, err = process.communicate()
    assert "Traceback" not in err, err
    return process.returncode, [json.loads(line) for line in out.splitlines()]


def call(store: Path, command: str, *options: Any) -> tuple[int, list[dict[str, Any]]]:
    return finish(start(store, command, *options))


def names(store: Path) -> list[str]:
    return sorted(path.name for path in store.iterdir() if path.name != ".locks")


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """24,000 events in 3 files."""
    code, lines = call(tmp_path_factory.mktemp("store"), "generate", "--files", 3, "--events", EVENTS, "--jobs", 2)
    assert code == 0, lines
    return lines[-1]


@pytest.fixture(scope="session")
def single(dataset: dict[str, Any]) -> dict[str, Any]:
    """The same events in 1 file."""
    code, lines = call(Path(dataset["path"]).parent, "generate", "--files", 1, "--events", EVENTS)
    assert code == 0, lines
    return lines[-1]


@pytest.fixture
def copy(dataset: dict[str, Any], tmp_path: Path) -> Path:
    """A store whose only dataset is a copy that a test may spoil; modification times are kept."""
    subprocess.run(["cp", "-a", dataset["path"], tmp_path], check=True)
    return tmp_path


def tree_of(dataset: dict[str, Any], name: str) -> Any:
    return uproot.open(f"{dataset['path']}/{name}:Events")


def flat_columns(dataset: dict[str, Any]) -> dict[str, Any]:
    """All columns of a dataset as uproot reads them, jagged ones concatenated, in the types of the file."""
    parts: dict[str, list[Any]] = {}
    for entry in dataset["files"]:
        for branch in tree_of(dataset, entry["name"]).branches:
            flat: Any = ak.flatten(branch.array(), axis=None)  # pyright: ignore[reportArgumentType]
            parts.setdefault(branch.name, []).append(ak.to_numpy(flat))
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


def test_the_split_into_files_changes_neither_the_events_nor_the_truth(dataset: Any, single: Any) -> None:
    assert dataset["id"] != single["id"]
    assert dataset["contentHash"] == single["contentHash"]
    assert [file["firstEvent"] for file in dataset["files"]] == [0, 8000, 16000]
    several, one = flat_columns(dataset), flat_columns(single)
    assert list(several) == list(one)
    assert all(np.array_equal(several[name], one[name]) for name in one)
    truths = [json.loads((Path(d["path"]) / "truth-adl.json").read_text()) for d in (dataset, single)]
    assert truths[0] == truths[1]
    assert truths[0]["contentHash"] == dataset["contentHash"]


def test_the_file_holds_the_raw_arrays_and_their_truth(single: Any) -> None:
    blocks = [dict((name, values) for name, _, values in make_block(1, n).columns()) for n in (0, 1)]
    read = flat_columns(single)
    for name, first in blocks[0].items():
        expected = np.concatenate([first, blocks[1][name]])
        assert read[name].dtype == expected.dtype, name
        assert np.array_equal(read[name][: len(expected)], expected), name
    tree = tree_of(single, "f0000.root")
    sizes = {branch.name: branch.compressed_bytes for branch in tree.branches}
    assert list(sizes) == list(blocks[0])
    assert {name: column["compressedBytes"] for name, column in single["columns"].items()} == sizes
    assert (tree.num_entries, tree["Jet_pt"].num_baskets, single["files"][0]["clusters"]) == (EVENTS, 12, 12)
    truth = json.loads((Path(single["path"]) / "truth-adl.json").read_text())
    assert sum(truth["histograms"]["q1_met"]["values"]) == EVENTS == truth["events"]
    whole = adl.tally(read)
    assert {name: counts.tolist() for name, counts in whole.counts.items()} == {
        name: histogram["values"] for name, histogram in truth["histograms"].items()
    }


def test_the_content_is_the_same_on_every_machine() -> None:
    assert make_block(1, 0).digest() == "f811e8933eea5e8cb5bb7b8fa1e782cb3dac85202262bd42deaac50c0b60d770"


def test_columns_take_the_bytes_of_published_files(single: Any) -> None:
    size = {name: column["compressedBytes"] / EVENTS for name, column in single["columns"].items()}
    total = single["bytes"] / EVENTS
    bounds = {"MET_pt": (3.2, 4.0), "Jet_pt": (10, 18), "Jet_eta": (11, 20), "Jet_phi": (11, 20), "Muon_pt": (1.3, 2.8),
              "Jet_mass": (10, 18), "Jet_btagCSVV2": (9, 16), "Electron_pt": (2.8, 5), "GenPart_pt": (60, 100),
              "LHEPdfWeight": (200, 260), "event": (0.5, 3), "run": (0, 0.1), "nJet": (0.5, 1.2), "Tau_pt": (2, 4.5),
              "HLT_IsoMu20": (0.1, 0.3)}  # fmt: skip
    assert not {name: size[name] for name, (low, high) in bounds.items() if not low < size[name] < high}
    shares = {"GenPart_": (0.17, 0.25), "HLT_": (0.01, 0.025), "Jet_": (0.12, 0.25)}
    for prefix, (low, high) in shares.items():
        assert low < sum(bytes for name, bytes in size.items() if name.startswith(prefix)) / total < high, prefix
    assert len(ADL) == 20
    assert 0.05 < sum(size[name] for name in ADL) / total < 0.4
    assert 1500 < total < 2000


def test_a_file_has_the_size_asked_for(single: Any) -> None:
    assert abs(single["bytes"] / Spec(EVENTS, 1).estimated_bytes() - 1) < 0.02
    spec = spec_for_size(2, 16_000_000, 1, 505, 2000)
    assert abs(spec.events / 2 * single["bytes"] / EVENTS / 16e6 - 1) < 0.1
    assert events_per_file(100_000, 505, 2000) == 2000, "at least one cluster"


def test_planted_z_bosons_are_there() -> None:
    columns = {name: values for name, _, values in make_block(1, 0).columns()}
    assert 800 < adl.tally(columns).counts["q5_met_dimuon"].sum() < 1200
    pairs = np.flatnonzero(columns["nMuon"] == 2)
    first = (np.cumsum(columns["nMuon"]) - columns["nMuon"])[pairs]
    assert (columns["Muon_pt"][first] >= columns["Muon_pt"][first + 1]).all(), "sorted by descending pt"


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--files", 0, "--events", 10), "BAD_SIZE", "from 1 to 10000"),
        (("--files", 1, "--file-size", -5), "BAD_SIZE", "from 100kB to 64GB"),
        (("--files", 1, "--file-size", 10**15), "BAD_SIZE", "from 100kB to 64GB"),
        (("--files", 3, "--events", 2), "BAD_SIZE", "from 1 to 2"),
        (("--files", 1, "--events", 5, "--compression", 7), "BAD_ARGUMENT", "505"),
        (("--files", 1, "--events", "many"), "BAD_ARGUMENT", "--help"),
        (("--files", 1), "BAD_ARGUMENT", "--file-size"),
        (("--spec", "{}"), "BAD_ARGUMENT", "clusterEvents"),
    ],
)
def test_impossible_sizes_are_refused_with_the_valid_range(tmp_path: Path, options: Any, code: str, says: str) -> None:
    status, lines = call(tmp_path, "resolve", *options)
    assert (status, lines[0]["code"]) == (2, code)
    assert says in lines[0]["hint"]


def test_list_resolve_and_clean_agree(copy: Path, dataset: Any) -> None:
    _, (spec,) = call(copy, "resolve", "--files", 3, "--events", EVENTS)
    assert (spec["id"], spec["present"], spec["eventsPerFile"]) == (dataset["id"], True, [8000] * 3)
    assert call(copy, "generate", "--spec", json.dumps(spec["spec"]))[1] == call(copy, "list")[1]
    assert call(copy, "clean", "nano2-000000000000")[1][0]["code"] == "DATA_MISSING"
    assert call(copy, "clean")[1][0]["id"] == dataset["id"]
    assert call(copy, "list") == (0, [])
    assert not names(copy)


def test_what_somebody_else_put_beside_the_files_is_not_removed(copy: Path, dataset: Any) -> None:
    note = copy / dataset["id"] / "note.txt"
    note.write_text("mine")
    status, lines = call(copy, "clean")
    assert (status, lines[0]["code"]) == (3, "DATA_FOREIGN")
    assert str(note) in lines[0]["message"]
    assert "move it elsewhere" in lines[0]["hint"]
    note.rename(copy / "note.txt")
    assert call(copy, "verify", dataset["id"])[0] == 0, "nothing had been removed"
    assert call(copy, "clean")[1][0]["id"] == dataset["id"]


def test_a_truncated_altered_or_missing_file_is_named(copy: Path, dataset: Any) -> None:
    def verdict(*options: str) -> tuple[int, str]:
        code, lines = call(copy, "verify", dataset["id"], *options)
        return code, "good" if code == 0 else f"{lines[-1]['code']} {name in lines[-1]['message']}"

    name = dataset["files"][1]["name"]
    path = copy / dataset["id"] / name
    content, stat = path.read_bytes(), path.stat()
    assert verdict() == verdict("--full") == (0, "good")
    path.write_bytes(content[:1000] + bytes([content[1000] ^ 1]) + content[1001:])
    assert verdict() == (3, "DATA_ALTERED True"), "the time has changed, so the quick check reads the file"
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert verdict() == (0, "good")
    assert verdict("--full") == (3, "DATA_ALTERED True")
    path.write_bytes(content)
    assert verdict() == (0, "good"), "a new time with the old content is no harm"
    path.write_bytes(content[:-1])
    assert verdict() == (3, "DATA_TRUNCATED True")
    path.unlink()
    assert verdict() == (3, "DATA_MISSING True")


def processes_using(text: str) -> list[str]:
    paths = Path("/proc").glob("[0-9]*/cmdline")
    return [path.parent.name for path in paths if text.encode() in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_a_killed_generation_leaves_no_dataset_and_the_next_succeeds(tmp_path: Path) -> None:
    options = ("--files", 3, "--events", 6000)
    process = start(tmp_path, "generate", *options)
    assert process.stdout
    assert json.loads(process.stdout.readline())["type"] == "progress"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 5
    while processes_using(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes_using(str(tmp_path)), "its children end with it"
    assert names(tmp_path)[0].startswith(".new-")
    assert call(tmp_path, "list") == (0, [])
    code, lines = call(tmp_path, "generate", *options)
    assert (code, lines[-1]["events"], names(tmp_path)) == (0, 6000, [lines[-1]["id"]])
    assert call(tmp_path, "verify", lines[-1]["id"], "--full")[0] == 0


def test_an_interrupted_generation_cleans_up(tmp_path: Path) -> None:
    process = start(tmp_path, "generate", "--files", 3, "--events", 6000)
    assert process.stdout
    assert process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 143
    assert not names(tmp_path)
    assert not processes_using(str(tmp_path))


def test_two_processes_making_the_same_dataset_both_get_it(tmp_path: Path) -> None:
    both = [start(tmp_path, "generate", "--files", 2, "--events", 4000) for _ in range(2)]
    ends = [finish(process) for process in both]
    assert [code for code, _ in ends] == [0, 0]
    assert ends[0][1][-1] == ends[1][1][-1]
    assert names(tmp_path) == [ends[0][1][-1]["id"]]


def test_a_full_disk_is_named_before_and_during_writing(tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "hb", tmp_path]).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    try:
        code, lines = call(tmp_path, "generate", "--files", 2, "--events", 10_000)
        assert (code, lines[-1]["code"], names(tmp_path)) == (3, "DISK_FULL", [])
        assert "12582912 bytes free" in lines[-1]["message"]
        assert "needs about 16" in lines[-1]["message"]
        unchecked = "import hepbench.datasets.generate as g; g.check_space = lambda *_: None;"
        program = [
            sys.executable,
            "-c",
            unchecked + "import hepbench.datasets.__main__ as m; raise SystemExit(m.main())",
        ]
        options = ["generate", "--store", str(tmp_path), "--files", "2", "--events", "10000"]
        run = subprocess.run(program + options, capture_output=True, text=True)
        assert (run.returncode, names(tmp_path)) == (3, []), run.stderr
        assert json.loads(run.stdout.splitlines()[-1])["code"] == "DISK_FULL"
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_store_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, lines = call(tmp_path / "file", "list")
    assert (code, lines[0]["code"]) == (3, "STORE_UNREADABLE")
    assert "file" in lines[0]["message"]
