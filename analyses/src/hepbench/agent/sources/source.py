"""What every source of values is."""

from __future__ import annotations

from typing import Protocol

Values = dict[str, float]


class Source(Protocol):
    """Reads some values of its own process: counters (cumulative, `_total`) and gauges, with units in their names.

    Which of them a kernel or container does not offer is said by an OSError, LookupError or ValueError.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Every value that it can read."""
        ...

    def read(self) -> Values:
        """The values by name."""
        ...
