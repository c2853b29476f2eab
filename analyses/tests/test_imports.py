"""Modules that import each other cannot be read, tested or moved alone; imports inside functions count as well."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"


def modules_in(root: Path) -> dict[str, set[str]]:
    """Which modules of the tree each of its modules imports."""
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in root.rglob("*.py")
    }
    imports: dict[str, set[str]] = {}
    for name, path in files.items():
        named = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                inside = {f"{node.module}.{alias.name}" for alias in node.names}
                # Of a package only what is named in it, where that is a module.
                named |= (inside & files.keys()) or {node.module or ""}
        imports[name] = {module for module in named if module in files} - {name}
    return imports


def circle_in(root: Path) -> list[str]:
    """The modules of a circle of imports; empty where there is none."""
    try:
        TopologicalSorter(modules_in(root)).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_module_imports_itself_over_others() -> None:
    assert len(modules_in(SOURCE)) > 40
    assert circle_in(SOURCE) == []


@pytest.mark.parametrize("back", ["from a import b\n", "def f():\n    import a.b\n", "from a.b import x\n"])
def test_a_planted_circle_is_seen(tmp_path: Path, back: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/__init__.py").write_text("")
    (tmp_path / "a/b.py").write_text("from a import c\nx = 1\n")
    (tmp_path / "a/c.py").write_text("")
    assert circle_in(tmp_path) == []
    (tmp_path / "a/c.py").write_text(back)
    assert set(circle_in(tmp_path)) == {"a.b", "a.c"}
