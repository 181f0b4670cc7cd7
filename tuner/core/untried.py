"""Which settings of a space have been tried, and, of a small one, which have not."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuner.space import SearchSpace

ENUMERATED = 20_000
"""The largest space whose settings are gone through, so that it is known when it is used up."""


class Untried:
    """The settings of a space that no trial has had yet.

    Args:
        space: what may be set.
        always_listed: go through the settings of any finite space, however many there are.
    """

    def __init__(self, space: "SearchSpace", *, always_listed: bool = False) -> None:
        self._space = space
        self._tried: set[Hashable] = set()
        size = space.size()
        self.listed = size is not None and (size <= ENUMERATED or always_listed)
        """Whether all settings of the space are gone through, so that it is known when it ends."""
        self._ahead = space.enumerate() if self.listed else iter(())
        self._first: dict[str, Any] | None = next(self._ahead, None)

    @property
    def used_up(self) -> bool:
        """Whether every setting has been tried, as far as that is known."""
        return self.listed and self.first() is None

    def first(self) -> dict[str, Any] | None:
        """The first listed setting that was not tried; None where there is none, or no list.

        What was tried stays so, so the list is gone through once, and never held in memory.
        """
        while self._first is not None and self._space.identity(self._first) in self._tried:
            self._first = next(self._ahead, None)
        return self._first

    def try_(self, params: Mapping[str, Any]) -> bool:
        """Note a setting as tried; returns whether it was untried."""
        identity = self._space.identity(params)
        untried = identity not in self._tried
        self._tried.add(identity)
        return untried
