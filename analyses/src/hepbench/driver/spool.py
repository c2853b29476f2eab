"""The driver's own journal: events in order, followed by the runner over HTTP."""

import threading
from collections.abc import Iterable
from typing import Any

from hepbench import agent
from hepbench.events import Events


class Spool:
    """Events of one trial as JSON lines; `offset_seconds` brings this process's clock to the scheduler's."""

    def __init__(self, trial: str, offset_seconds: float = 0.0) -> None:
        self.trial = trial
        self._events = Events(trial, self.now, self._take)
        self.offset_seconds = offset_seconds
        self.closed = False
        self._lines: list[str] = []
        self._changed = threading.Condition()
        # The wall clock of a trial is that of its beginning, whatever it was set to before or is set to later.
        self._wall_ahead = agent.wall_ahead()

    def now(self) -> float:
        """Seconds since the epoch on the scheduler's clock."""
        return self.here() + self.offset_seconds

    def here(self) -> float:
        """Seconds since the epoch on the clock of this process."""
        return self.own(agent.now())

    def own(self, t: float) -> float:
        """The time `t` of `agent.now` as `here` gives it."""
        return t + self._wall_ahead

    def add(self, kind: str, /, source: str = "driver", t: float | None = None, **fields: Any) -> None:
        """Appends one event. ValueError for a number that JSON cannot hold."""
        with self._changed:
            # A closed trial was given up while its computation still waited.
            if not self.closed:
                self._events.add(kind, source, t, **fields)

    def _take(self, line: str) -> None:
        self._lines.append(line)
        self._changed.notify_all()

    def close(self) -> None:
        """Writes `done` with the number of events of each source and ends the stream."""
        with self._changed:
            if self.closed:
                return
            self._events.done()
            self.closed = True
            self._changed.notify_all()

    def after(self, line: int, wait_seconds: float) -> tuple[Iterable[str], bool]:
        """Lines beyond the first `line` ones and whether these are the last; waits for news up to `wait_seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._lines) > line or self.closed, wait_seconds)
            return self._lines[line:], self.closed
