"""How many settings a space has, and which: conditional dimensions count only where active."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from tuner.space.conditions import related
from tuner.space.dimensions import Dimension

Params = dict[str, Any]


class Countable(Protocol):
    """What is needed of a space: its dimensions, parents first, and which of them are active."""

    @property
    def order(self) -> Sequence[str]:
        """The dotted paths, a condition's before those that depend on it."""

    @property
    def dimensions(self) -> Mapping[str, Dimension]:
        """Path -> dimension."""

    def active(self, path: str, params: Mapping[str, Any]) -> bool:
        """Whether the dimension `path` is searched under `params`."""


def count(space: Countable) -> int | None:
    """The number of distinct settings; None for infinitely many."""
    if any(dimension.count is None for dimension in space.dimensions.values()):
        return None
    return _count(space, _deciding(space), {}, 0)


def settings(space: Countable) -> Iterator[Params]:
    """All settings of a finite space: the last dimension changes fastest."""
    return _extend(space, {}, 0)


def _extend(space: Countable, params: Params, index: int) -> Iterator[Params]:
    if index == len(space.order):
        yield params
        return
    path = space.order[index]
    if not space.active(path, params):
        yield from _extend(space, params, index + 1)
        return
    for value in space.dimensions[path].values():
        yield from _extend(space, {**params, path: value}, index + 1)


def _count(space: Countable, deciding: frozenset[str], params: Params, index: int) -> int:
    """The settings that `params` can be extended to.

    Branches only on dimensions that conditions name; all others multiply.
    """
    total = 1
    for position in range(index, len(space.order)):
        path = space.order[position]
        if not space.active(path, params):
            continue
        dimension = space.dimensions[path]
        if path in deciding:
            return total * sum(
                _count(space, deciding, {**params, path: value}, position + 1)
                for value in dimension.values()
            )
        assert dimension.count is not None
        total *= dimension.count
    return total


def _deciding(space: Countable) -> frozenset[str]:
    """The dimensions that some condition depends on."""
    conditions = {
        condition for dimension in space.dimensions.values() for condition in dimension.when
    }
    return frozenset(
        path
        for path in space.dimensions
        if any(related(condition, path) for condition in conditions)
    )
