"""A dimension with a range of numbers, whole or fractional."""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from sr_models.frozen import FrozenConfig
from tuner.space.conditions import When
from tuner.space.field_error import field_error

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial

LARGEST = 2**53
"""Samplers compute in floating point, which cannot represent every whole number beyond this."""

ROUNDING = Decimal("1e-6")
"""How far an end of a range may be from a whole number of steps, as a part of a step, and still
count as one: ends may be computed, such as (high - low) / 7."""


class Range(FrozenConfig):
    """Numbers from `low` to `high`, both included; whole numbers if both bounds are.

    Args:
        low: smallest value.
        high: largest value.
        log: search evenly over orders of magnitude.
        step: distance between neighbouring values, counted from `low`; by default 1 for whole
            numbers.
        when: see `When`.
    """

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None
    when: When = Field(default_factory=dict)

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if not self.low < self.high:
            raise field_error("low", f"must be less than high ({self.high})")
        if self.log and self.low <= 0:
            raise field_error("low", "must be above 0 with log: true")
        for name, bound in (("low", self.low), ("high", self.high)):
            if isinstance(bound, int) and abs(bound) > LARGEST:
                raise field_error(name, f"whole numbers may be from -{LARGEST} to {LARGEST}")
        if not math.isfinite(self.width):
            raise field_error("high", "is too far from low: high - low must be a finite number")
        return self

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if self.step is None:
            return self
        if self.log:
            raise field_error("step", "cannot be used with log: true")
        if not 0 < self.step <= self.high - self.low:
            raise field_error("step", f"must be above 0 and at most high - low ({self.width:g})")
        return self

    @property
    def width(self) -> int | float:
        """The distance from low to high."""
        return self.high - self.low

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers."""
        numbers = (self.low, self.high, 1 if self.step is None else self.step)
        return all(isinstance(number, int) for number in numbers)

    @property
    def count(self) -> int | None:
        """The number of values; None for infinitely many."""
        if self.step is None and not self.whole:
            return None
        return int((_exact(self.high) - _exact(self.low)) / self._step + ROUNDING) + 1

    @property
    def last(self) -> int | float:
        """The largest value: `high`, or less if no whole number of steps leads to it."""
        return self.high if self.count is None else self._at(self.count - 1)

    def values(self) -> Iterator[int | float]:
        """Yield all values, from low to high; only for a range that has a count."""
        assert self.count is not None
        return (self._at(index) for index in range(self.count))

    def holds(self, value: Any) -> bool:
        """Return whether `value` is a value of the range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not self.low <= value <= self.high:
            return False
        return self.count is None or math.isclose(self.as_listed(value), value, rel_tol=1e-9)

    def as_listed(self, value: int | float) -> int | float:
        """Return the value of the range that is nearest to `value`, free of rounding errors."""
        if self.count is None:
            return float(min(max(value, self.low), self.high))
        return self._at(self._index(value))

    def next_to(self, value: int | float, *, up: bool) -> int | float:
        """Return the value above or below one of a range that has a count; at an end, inwards."""
        assert self.count is not None
        index = self._index(value)
        upwards = index == 0 or (up and index < self.count - 1)
        return self._at(index + 1 if upwards else index - 1)

    def as_fractions(self) -> "Range":
        """Return the same range over fractional numbers."""
        step = None if self.step is None else float(self.step)
        return self.model_copy(
            update={"low": float(self.low), "high": float(self.high), "step": step}
        )

    def encode(self, value: int | float) -> int | float:
        """Return a value as Optuna gets it."""
        return self.as_listed(value)

    def decode(self, value: Any) -> Any:
        """Return the value that Optuna's value stands for."""
        return self.as_listed(value)

    def distribution(self) -> "BaseDistribution":
        """Return the dimension as an Optuna distribution."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.whole:
            return IntDistribution(
                int(self.low), int(self.last), log=self.log, step=int(self._step)
            )
        return FloatDistribution(self.low, self.last, log=self.log, step=self._optunas_step)

    def suggest(self, trial: "BaseTrial", path: str) -> Any:
        """Return the value that an Optuna trial suggests under the name `path`."""
        if self.whole:
            steps = int(self._step)
            value: float = trial.suggest_int(
                path, int(self.low), int(self.last), log=self.log, step=steps
            )
        else:
            step = self._optunas_step
            value = trial.suggest_float(path, self.low, self.last, log=self.log, step=step)
        return self.as_listed(value)

    @property
    def _optunas_step(self) -> float | None:
        """The step to give to Optuna, if its decimal arithmetic reaches the last value; else None.

        Without a step Optuna proposes any number of the range, which is then rounded to a value.
        """
        steps = (_exact(self.last) - _exact(self.low)) / self._step
        if self.step is None or steps % 1 or steps > LARGEST:
            return None
        return float(self.step)

    @property
    def _step(self) -> Decimal:
        return _exact(1 if self.step is None else self.step)

    def _index(self, value: int | float) -> int:
        """Return the place of the nearest value, counted from 0."""
        assert self.count is not None
        index = round((_exact(value) - _exact(self.low)) / self._step)
        return min(max(index, 0), self.count - 1)

    def _at(self, index: int) -> int | float:
        value = _exact(self.low) + self._step * index
        if abs(value - _exact(self.high)) <= self._step * ROUNDING:
            value = _exact(self.high)
        return int(value) if self.whole else float(value)


def _exact(number: int | float) -> Decimal:
    """The number as it is written in decimals, so that 0.1 + 2 * 0.1 is 0.3."""
    return Decimal(str(number))
