"""What is private in Ray and Optuna is used in their guard modules alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "tuner"
GUARDS = ("core/optuna_storage.py", "executors/ray/lean.py", "executors/ray/private.py")
"""Each has a test that tells when a new version moves what it relies on."""


def imported(node: ast.AST) -> Iterator[str]:
    """The dotted paths that a statement imports, of Ray and Optuna."""
    names: list[str] = []
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    return (name for name in names if name.split(".")[0] in ("ray", "optuna"))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_names(code: str) -> list[str]:
    """Private modules that are imported, and private attributes of what is not one's own."""
    nodes = list(ast.walk(ast.parse(code)))
    paths = [path for node in nodes for path in imported(node)]
    if not paths:
        return []
    attributes = [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and ast.unparse(node.value) not in ("self", "cls", "os")
    ]
    return [path for path in paths if any(map(is_private, path.split(".")))] + attributes


def test_they_are_used_in_the_guard_modules_alone() -> None:
    found = {
        str(file.relative_to(PACKAGE)): names
        for file in sorted(PACKAGE.rglob("*.py"))
        if (names := private_names(file.read_text(encoding="utf-8")))
    }
    assert found.keys() == set(GUARDS), found
