"""Processes that tests start find the code of the checkout, as pytest itself does (`pythonpath` in pyproject.toml)."""

import os
from pathlib import Path

SOURCE = str(Path(__file__).parent.parent / "src")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [SOURCE, os.environ.get("PYTHONPATH")]))
