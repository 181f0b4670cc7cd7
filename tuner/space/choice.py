"""A dimension with a list of values."""

import json
from collections.abc import Hashable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from sr_models.frozen import FrozenConfig
from tuner.space.conditions import When
from tuner.space.field_error import field_error
from tuner.space.values import Scalar, canonical, identity, same

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial


class Choice(FrozenConfig):
    """A value out of a list; the values may be numbers, text, booleans, lists or sections.

    Args:
        choice: the values.
        when: see `When`.
    """

    choice: list[Any] = Field(min_length=1)
    when: When = Field(default_factory=dict)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        known: set[Hashable] = set()
        for index, value in enumerate(self.choice):
            if not same(value, value):
                raise field_error(f"choice.{index}", "must not be or contain NaN")
            if identity(value) in known:
                raise field_error(f"choice.{index}", "is listed twice")
            known.add(identity(value))
        return self

    @property
    def count(self) -> int:
        """The number of values."""
        return len(self.choice)

    def values(self) -> Iterator[Any]:
        """Yield all values, in the order of the list."""
        return iter(self.choice)

    def holds(self, value: Any) -> bool:
        """Return whether `value` is in the list."""
        return identity(value) in self._options

    def as_listed(self, value: Any) -> Any:
        """Return the option that is equal to `value`, as the study file writes it."""
        return self._options[identity(value)]

    @cached_property
    def as_json(self) -> bool:
        """Whether Optuna gets the values as JSON, because it takes no lists and confuses 1 with
        true."""
        kinds = {_kind(value) for value in self.choice if value is not None}
        return len(kinds) > 1 or not kinds <= {bool, float, str}

    def encode(self, value: Any) -> Scalar:
        """Return a value of the list as Optuna gets it."""
        return self._encoded(self.as_listed(value))

    def decode(self, value: Any) -> Any:
        """Return the value that Optuna's value stands for."""
        return json.loads(value) if self.as_json else value

    def distribution(self) -> "BaseDistribution":
        """Return the dimension as an Optuna distribution."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self._all_encoded)

    def suggest(self, trial: "BaseTrial", path: str) -> Any:
        """Return the value that an Optuna trial suggests under the name `path`."""
        return self.decode(trial.suggest_categorical(path, self._all_encoded))

    @cached_property
    def _options(self) -> dict[Hashable, Any]:
        """The values by their meaning, because a list of thousands is searched at each proposal."""
        return {identity(value): value for value in self.choice}

    @cached_property
    def _all_encoded(self) -> list[Scalar]:
        return [self._encoded(value) for value in self.choice]

    def _encoded(self, option: Any) -> Scalar:
        scalar: Scalar = canonical(option) if self.as_json else option
        return scalar


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)
