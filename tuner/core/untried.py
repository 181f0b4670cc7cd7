"""Which settings of a space have been tried and, if the space is small, which are left."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuner.space import SearchSpace

ENUMERATED = 20_000
"""The largest space whose settings are enumerated, so that it is known when all were tried."""


class Untried:
    """The settings of a space that no trial has had yet.

    Args:
        space: the search space.
        always_listed: enumerate any finite space, however large.
    """

    def __init__(self, space: "SearchSpace", *, always_listed: bool = False) -> None:
        self._space = space
        self._tried: set[Hashable] = set()
        size = space.size()
        self.listed = size is not None and (size <= ENUMERATED or always_listed)
        """Whether the settings are enumerated, so that it is known when all have been tried."""
        self._ahead = space.enumerate() if self.listed else iter(())
        self._first: dict[str, Any] | None = next(self._ahead, None)

    @property
    def used_up(self) -> bool:
        """Whether every setting has been tried, as far as that is known."""
        return self.listed and self.first() is None

    def first(self) -> dict[str, Any] | None:
        """Return the first untried setting of the list; None if there is none, or no list.

        A setting that was tried stays tried, so the list is enumerated once and never held in
        memory.
        """
        while self._first is not None and self._space.identity(self._first) in self._tried:
            self._first = next(self._ahead, None)
        return self._first

    def try_(self, params: Mapping[str, Any]) -> bool:
        """Note a setting as tried; return whether it was untried."""
        identity = self._space.identity(params)
        untried = identity not in self._tried
        self._tried.add(identity)
        return untried
