"""The number of settings in a space, and all of them; conditional dimensions count while active."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from tuner.space.conditions import related
from tuner.space.dimensions import Dimension

Params = dict[str, Any]


class Countable(Protocol):
    """What counting needs to know of a space: its dimensions, and which of them are active."""

    @property
    def order(self) -> Sequence[str]:
        """The dotted paths; those that a condition names come before the dimension that has it."""

    @property
    def dimensions(self) -> Mapping[str, Dimension]:
        """Dotted path -> dimension."""

    def active(self, path: str, params: Mapping[str, Any]) -> bool:
        """Return whether the dimension `path` is searched under `params`."""


def count(space: Countable) -> int | None:
    """Return the number of distinct settings; None if there are infinitely many."""
    if any(dimension.count is None for dimension in space.dimensions.values()):
        return None
    return _count(space, _deciding(space), {}, 0)


def settings(space: Countable) -> Iterator[Params]:
    """Yield all settings of a finite space; the last dimension changes fastest."""
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
    """The number of settings that `params` can be extended to.

    Branches only at dimensions that conditions name; the counts of all others are multiplied.
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
