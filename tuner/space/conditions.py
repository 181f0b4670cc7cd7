"""Conditions: which dimensions decide about which, and in what order they are settled."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.space import paths
from tuner.space.schema import TAG

When = dict[str, Any]
"""Dotted path -> the value, or list of values, under which a dimension is searched. Several
conditions must all hold. A path that is searched itself counts only while it is active."""


def allowed(wanted: Any) -> list[Any]:
    """The values under which a condition holds: those listed, or the one that is given.

    A list that is itself the value (`[0.9, 0.95]`) may stand alone or inside a list.
    """
    return [*wanted, wanted] if isinstance(wanted, list) else [wanted]


def related(path: str, other: str) -> bool:
    """Whether the value at `path` may change when `other` is set."""
    if other.rpartition(".")[2] == TAG and paths.inside(path, paths.parent(other)):
        return True
    return paths.inside(path, other) or paths.inside(other, path)


def parents_first(conditions: Mapping[str, Sequence[str]]) -> list[str]:
    """The dimensions in an order in which each comes after those that its conditions depend on.

    Args:
        conditions: dimension -> the paths that its conditions name.

    Raises:
        ValueError: dimensions wait for each other in a cycle; the message names it.
    """
    order: list[str] = []

    def visit(path: str, above: tuple[str, ...]) -> None:
        if path in above:
            cycle = (*above[above.index(path) :], path)
            raise ValueError(f"the conditions form a cycle: {' -> '.join(cycle)}")
        if path not in order:
            for parent in _parents(path):
                visit(parent, (*above, path))
            order.append(path)

    def _parents(path: str) -> list[str]:
        return [
            other
            for condition in conditions[path]
            for other in conditions
            if related(condition, other)
        ]

    for path in conditions:
        visit(path, ())
    return order
