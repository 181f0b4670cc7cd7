"""One searched key: a range of numbers or a choice of values, and when it is searched."""

import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from sr_models.frozen import Frozen

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial

Scalar = str | int | float | bool | None


def canonical(value: Any) -> str:
    """JSON that is the same for the same value: how values are compared and stored."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def same(left: Any, right: Any) -> bool:
    """Whether two plain values mean the same: 1 is 1.0, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


class Conditional(Frozen):
    """What both kinds of dimension share.

    Args:
        when: dotted path to the value, or list of values, under which the dimension is searched;
            several conditions must all hold. A path that is searched itself holds only while it
            is active.
    """

    when: dict[str, Any] = Field(default_factory=dict)


class Range(Conditional):
    """Numbers from `low` to `high`, both included; whole numbers where both bounds are.

    Args:
        low: smallest value.
        high: largest value.
        log: search evenly over orders of magnitude.
        step: distance of neighbouring values, counted from `low`; unset, 1 for whole numbers.
    """

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _bounds(self) -> "Range":
        if not self.low < self.high:
            raise ValueError(f"low ({self.low}) must be less than high ({self.high})")
        if self.log and self.low <= 0:
            raise ValueError(f"low ({self.low}) must be above 0 with log: true")
        if self.log and self.step is not None:
            raise ValueError("log and step exclude each other")
        return self

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers."""
        numbers = (self.low, self.high, 1 if self.step is None else self.step)
        return all(isinstance(number, int) for number in numbers)

    @property
    def count(self) -> int | None:
        """How many values there are; None for infinitely many."""
        step = 1 if self.whole and self.step is None else self.step
        if step is None:
            return None
        return int((Decimal(str(self.high)) - Decimal(str(self.low))) / Decimal(str(step))) + 1

    def values(self) -> Iterator[int | float]:
        """All values, from low to high, of a range that has a count."""
        assert self.count is not None
        low, step = Decimal(str(self.low)), Decimal(str(self.step or 1))
        number = int if self.whole else float
        return (number(low + step * index) for index in range(self.count))

    def holds(self, value: Any) -> bool:
        """Whether `value` is one of the range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not self.low <= value <= self.high or (self.whole and value != int(value)):
            return False
        if self.step is None:
            return True
        steps = (value - self.low) / self.step
        return math.isclose(steps, round(steps), abs_tol=1e-6)

    def encode(self, value: int | float) -> int | float:
        """Optuna's view of a value."""
        return int(value) if self.whole else float(value)

    def decode(self, value: Any) -> Any:
        """The value of Optuna's view."""
        return self.encode(value)

    def distribution(self) -> "BaseDistribution":
        """Optuna's view of the dimension."""
        from optuna.distributions import FloatDistribution, IntDistribution

        high = self.high if self.count is None else self._last(self.count)
        if self.whole:
            return IntDistribution(int(self.low), int(high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(float(self.low), float(high), log=self.log, step=self.step)

    def suggest(self, trial: "BaseTrial", path: str) -> Any:
        """The trial's value under `path`."""
        distribution = self.distribution()
        bounds = (distribution.low, distribution.high)  # type: ignore[attr-defined]
        if self.whole:
            return trial.suggest_int(path, *bounds, log=self.log, step=int(self.step or 1))
        return trial.suggest_float(path, *bounds, log=self.log, step=self.step)

    def _last(self, count: int) -> int | float:
        """The last value: `high`, or below it where no whole number of steps leads there."""
        low, step = Decimal(str(self.low)), Decimal(str(self.step or 1))
        return (int if self.whole else float)(low + step * (count - 1))


class Choice(Conditional):
    """One of the values listed, of any kind: numbers, text, true and false, lists, sections."""

    choice: list[Any] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> "Choice":
        for index, value in enumerate(self.choice):
            if any(same(value, earlier) for earlier in self.choice[:index]):
                raise ValueError(f"lists {canonical(value)} twice")
        return self

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.choice)

    def values(self) -> Iterator[Any]:
        """All values, as listed."""
        return iter(self.choice)

    def holds(self, value: Any) -> bool:
        """Whether `value` is one of the list."""
        return any(same(value, option) for option in self.choice)

    @property
    def as_json(self) -> bool:
        """Whether Optuna sees the values as JSON: it takes no lists, and mixes up 1 and true."""
        plain = [value for value in self.choice if value is not None]
        kinds = {float if isinstance(value, int) and value is not True and value is not False
                 else type(value) for value in plain}  # fmt: skip
        return len(kinds) > 1 or not kinds <= {float, str, bool}

    def encode(self, value: Any) -> Scalar:
        """Optuna's view of a value that the choice holds."""
        option = next(option for option in self.choice if same(option, value))
        scalar: Scalar = canonical(option) if self.as_json else option
        return scalar

    def decode(self, value: Any) -> Any:
        """The value of Optuna's view."""
        return json.loads(value) if self.as_json else value

    def distribution(self) -> "BaseDistribution":
        """Optuna's view of the dimension."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution([self.encode(value) for value in self.choice])

    def suggest(self, trial: "BaseTrial", path: str) -> Any:
        """The trial's value under `path`."""
        options = [self.encode(value) for value in self.choice]
        return self.decode(trial.suggest_categorical(path, options))


Dimension = Range | Choice
