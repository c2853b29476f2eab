"""PyROOT makes its names when they are first asked for; there is nothing that a type checker could read."""

from typing import Any

def __getattr__(name: str) -> Any: ...
