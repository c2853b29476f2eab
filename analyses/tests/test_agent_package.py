"""What lets the agent be shipped by value, and be read: held by every file of its package."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src/hepbench/agent"
MOST_LINES = 250


def complaints(name: str, text: str) -> list[str]:
    """Why a file cannot be part of the agent."""
    found = [f"{name} has more than {MOST_LINES} lines"] if text.count("\n") > MOST_LINES else []
    if not name.endswith(".py"):
        return found
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            # A module among the globals of a function is shipped as a name that only hepbench can import.
            inside = PACKAGE.parent.parent / Path(*modules[0].split("."))
            for imported in (alias.name for alias in node.names):
                if (inside / imported).is_dir() or (inside / f"{imported}.py").exists():
                    found.append(f"{name} imports module {imported}")
        else:
            continue
        for module in modules:
            top = module.split(".")[0]
            known = top in sys.stdlib_module_names or top == "distributed" or module.startswith("hepbench.agent.")
            if not known:
                found.append(f"{name} imports {module}")
    return found


def test_every_file_can_be_shipped_and_read() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".cpp")]
    assert len(files) > 15
    assert [one for path in files for one in complaints(path.name, path.read_text())] == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import numpy\n", "planted.py imports numpy"),
        ("from hepbench import histograms\n", "planted.py imports hepbench"),
        ("from hepbench.agent import state\n", "planted.py imports module state"),
        ("from hepbench.agent.sources import cpu\n", "planted.py imports module cpu"),
        ("import hepbench.agent\n", "planted.py imports hepbench.agent"),
        ("x = 1\n" * (MOST_LINES + 1), f"planted.py has more than {MOST_LINES} lines"),
    ],
)
def test_a_planted_fault_is_seen(text: str, complaint: str) -> None:
    assert complaint in complaints("planted.py", text)
