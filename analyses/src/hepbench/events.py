"""What a Python process tells hepbench: events as JSON lines, numbered by their source.

Driver and monitor write them; `core/model/intake.ts` takes them, and `core/model/event.ts` says what an event is.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

VERSION = 1


class Events:
    """Makes the lines of one trial and hands each to `write`; several threads may add events."""

    def __init__(self, trial: str, now: Callable[[], float], write: Callable[[str], object]) -> None:
        self._trial, self._now, self._write = trial, now, write
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, kind: str, /, source: str = "driver", t: float | None = None, **fields: Any) -> None:
        """Writes one event, dated `now` where `t` is not given; `seq` counts from 1 for each source.

        Raises ValueError, and uses up no number, for a number that JSON cannot hold.
        """
        with self._lock:
            event = {
                "v": VERSION,
                "trial": self._trial,
                "source": source,
                "seq": self._counts[source] + 1,
                "t": self._now() if t is None else t,
                "type": kind,
                **fields,
            }
            try:
                line = json.dumps(event, separators=(",", ":"), allow_nan=False)
            except ValueError as error:
                raise ValueError(f"an event of type {kind} from {source} holds a number that is not finite") from error
            self._counts[source] += 1
            self._write(line)

    def done(self) -> None:
        """The last event: how many each source wrote, so that a missing end is seen."""
        counts = dict(self._counts)
        self.add("done", counts={**counts, "driver": counts.get("driver", 0) + 1})
