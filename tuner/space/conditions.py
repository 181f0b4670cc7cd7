"""Conditions: which dimensions depend on which, and in which order they are decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.space import paths
from tuner.space.schema import TAG

When = dict[str, Any]
"""Dotted path -> the value, or the list of values, under which a dimension is searched. If there
are several conditions, all must hold. A path that is itself searched counts only while it is
active."""


def allowed(wanted: Any) -> list[Any]:
    """Return the values under which a condition holds: a list, or the single value that is given.

    A value that is itself a list (`[0.9, 0.95]`) may stand alone or inside a list.
    """
    return [*wanted, wanted] if isinstance(wanted, list) else [wanted]


def related(path: str, other: str) -> bool:
    """Return whether setting `other` may change the value at `path`."""
    if other.rpartition(".")[2] == TAG and paths.inside(path, paths.parent(other)):
        return True
    return paths.inside(path, other) or paths.inside(other, path)


def parents_first(conditions: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the dimensions in an order in which each comes after those that it depends on.

    Args:
        conditions: dimension -> the paths that its conditions name.

    Raises:
        ValueError: dimensions depend on each other in a cycle, which the message shows.
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
