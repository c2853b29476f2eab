"""What a dataset is: its specification, its identity, and the way from the sizes a user asks for."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from hepbench.datasets.errors import DataError

GENERATOR = "nano"
VERSION = 3  # raise it whenever content, the writer or the truth changes: it is part of every dataset's identity
CLUSTER_EVENTS = 2_000
COMPRESSION = 505
SEED = 1

# Measured with this VERSION: bytes(file) = BYTES_PER_FILE + clusters * BYTES_PER_CLUSTER + events * BYTES_PER_EVENT.
BYTES_PER_FILE = 31_000
BYTES_PER_CLUSTER = 131_000
BYTES_PER_EVENT = {505: 1_527, 404: 2_161, 101: 1_669, 209: 1_155, 0: 4_071}

LIMITS = {
    "files": (1, 10_000),
    "file-size": (100_000, 64_000_000_000),
    "events": (1, 1_000_000_000),
    "cluster-events": (100, 1_000_000),
    "seed": (0, 2**32 - 1),
}


@dataclass(frozen=True)
class Spec:
    """Everything that decides a dataset: numbers of events and files, seed, codec, events per cluster."""

    events: int
    files: int
    seed: int = SEED
    compression: int = COMPRESSION
    cluster_events: int = CLUSTER_EVENTS

    def to_json(self) -> dict[str, Any]:
        """The canonical form that is stored and hashed."""
        return {
            "generator": GENERATOR,
            "version": VERSION,
            "events": self.events,
            "files": self.files,
            "seed": self.seed,
            "compression": self.compression,
            "clusterEvents": self.cluster_events,
        }

    @property
    def id(self) -> str:
        """Short name of the dataset: the same for the same specification, and only then."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return f"{GENERATOR}{VERSION}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"

    def boundaries(self) -> list[int]:
        """First event of every file, and the end: whole clusters per file where there are enough, evenly spread."""
        clusters = -(-self.events // self.cluster_events)
        if clusters >= self.files:
            return [min(i * clusters // self.files * self.cluster_events, self.events) for i in range(self.files + 1)]
        return [i * self.events // self.files for i in range(self.files + 1)]

    def estimated_bytes(self) -> int:
        """Expected size of all files together, good to a few per cent."""
        clusters = max(-(-self.events // self.cluster_events), self.files)
        event_bytes = self.events * BYTES_PER_EVENT[self.compression]
        return int(self.files * BYTES_PER_FILE + clusters * BYTES_PER_CLUSTER + event_bytes)


def events_per_file(file_size: int, compression: int, cluster_events: int) -> int:
    """Events of a file of about `file_size` bytes: whole clusters, at least one."""
    cluster = BYTES_PER_CLUSTER + cluster_events * BYTES_PER_EVENT[compression]
    return cluster_events * max(1, round((file_size - BYTES_PER_FILE) / cluster))


def check_range(name: str, value: int) -> int:
    """`value` if it lies within the limits of option `name`; otherwise a BAD_SIZE error that says the range."""
    low, high = LIMITS[name]
    if not low <= value <= high:
        text = _bytes_text if name == "file-size" else str
        raise DataError("BAD_SIZE", f"--{name} is {text(value)}", f"choose --{name} from {text(low)} to {text(high)}")
    return value


def _bytes_text(size: int) -> str:
    """A size as it can be given on the command line."""
    for scale, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= scale and size % scale == 0:
            return f"{size // scale}{unit}"
    return f"{size}B"


def check_compression(compression: int) -> int:
    """`compression` if its bytes per event are known; otherwise a BAD_ARGUMENT error that lists the known ones."""
    if compression not in BYTES_PER_EVENT:
        known = ", ".join(map(str, BYTES_PER_EVENT))
        raise DataError("BAD_ARGUMENT", f"--compression is {compression}", f"choose --compression from {known}")
    return compression


def make_spec(events: int, files: int, seed: int, compression: int, cluster_events: int) -> Spec:
    """A checked specification."""
    check_range("events", events)
    check_range("files", files)
    check_range("seed", seed)
    check_range("cluster-events", cluster_events)
    check_compression(compression)
    if files > events:
        raise DataError("BAD_SIZE", f"{events} events cannot fill {files} files", f"choose --files from 1 to {events}")
    spec = Spec(events, files, seed, compression, cluster_events)
    if (largest := spec.estimated_bytes() // files) > (limit := LIMITS["file-size"][1]):
        raise DataError(
            "BAD_SIZE", f"a file would have about {largest} bytes", f"choose more --files, each below {limit} bytes"
        )
    return spec


def spec_for_size(files: int, file_size: int, seed: int, compression: int, cluster_events: int) -> Spec:
    """The specification of `files` equal files of about `file_size` bytes each."""
    check_range("files", files)
    check_range("file-size", file_size)
    check_range("cluster-events", cluster_events)
    per_file = events_per_file(file_size, check_compression(compression), cluster_events)
    return make_spec(files * per_file, files, seed, compression, cluster_events)


def spec_from_json(raw: Any) -> Spec:
    """The specification in a manifest or in --spec; BAD_ARGUMENT when it is not one of this generator version."""
    try:
        events, files, seed = int(raw["events"]), int(raw["files"]), int(raw["seed"])
        spec = make_spec(events, files, seed, int(raw["compression"]), int(raw["clusterEvents"]))
    except (KeyError, TypeError, ValueError) as error:
        fields = ", ".join(Spec(1, 1).to_json())
        raise DataError("BAD_ARGUMENT", f"not a specification: {error!r}", f"give an object with {fields}") from error
    if raw != spec.to_json():
        expected = f"{GENERATOR} version {VERSION}"
        message = f"the specification is for {raw.get('generator')} version {raw.get('version')}, this is {expected}"
        raise DataError("BAD_ARGUMENT", message, "make the specification anew with resolve")
    return spec


def spec_defaults() -> dict[str, Any]:
    """The values used when no option is given."""
    return {name: value for name, value in asdict(Spec(1, 1)).items() if name not in ("events", "files")}
