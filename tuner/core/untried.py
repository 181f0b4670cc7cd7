"""Which settings of a space have been tried, and, of a small one, which have not."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuner.space import SearchSpace

ENUMERATED = 20_000
"""The largest space whose settings are listed, so that it is known when it is used up."""


class Untried:
    """The settings of a space that no trial has had yet.

    Args:
        space: what may be set.
        always_listed: list the settings of any finite space, however many there are.
    """

    def __init__(self, space: "SearchSpace", *, always_listed: bool = False) -> None:
        self._space = space
        self._tried: set[Hashable] = set()
        self._listed: dict[Hashable, dict[str, Any]] | None = None
        size = space.size()
        if size is not None and (size <= ENUMERATED or always_listed):
            self._listed = {space.identity(params): params for params in space.enumerate()}

    @property
    def listed(self) -> bool:
        """Whether the space is small enough for all its settings to be known."""
        return self._listed is not None

    @property
    def used_up(self) -> bool:
        """Whether every setting has been tried, as far as that is known."""
        return self.listed and self.first() is None

    def first(self) -> dict[str, Any] | None:
        """The first listed setting that was not tried; None where there is none, or no list."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        listed = self._listed or {}
        return (params for identity, params in listed.items() if identity not in self._tried)

    def try_(self, params: Mapping[str, Any]) -> bool:
        """Note a setting as tried; returns whether it was untried."""
        identity = self._space.identity(params)
        untried = identity not in self._tried
        self._tried.add(identity)
        return untried
