"""One searched key: a range of numbers or a choice of values, and when it is searched."""

import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

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


def broken(key: str, rule: str) -> PydanticCustomError:
    """An error of a whole section that is told as one of its `key` (a path inside it)."""
    return PydanticCustomError("broken_rule", "{rule}", {"key": key, "rule": rule})


When = Annotated[dict[str, Any], Field(default_factory=dict)]
"""Dotted path -> the value, or list of values, under which a dimension is searched. Several
conditions must all hold. A path that is searched itself counts only while it is active."""


class Range(Frozen):
    """Numbers from `low` to `high`, both included; whole numbers where both bounds are.

    Args:
        low: smallest value.
        high: largest value.
        log: search evenly over orders of magnitude.
        step: distance of neighbouring values, counted from `low`; unset, 1 for whole numbers.
        when: see `When`.
    """

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None
    when: When

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if not self.low < self.high:
            raise broken("low", f"must be less than high ({self.high})")
        if self.log and self.low <= 0:
            raise broken("low", "must be above 0 with log: true")
        return self

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if self.step is None:
            return self
        if self.log:
            raise broken("step", "cannot be used with log: true")
        if not 0 < self.step <= self.high - self.low:
            raise broken("step", f"must be above 0 and at most high - low ({self.width:g})")
        return self

    @property
    def width(self) -> int | float:
        """From low to high."""
        return self.high - self.low

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers."""
        numbers = (self.low, self.high, 1 if self.step is None else self.step)
        return all(isinstance(number, int) for number in numbers)

    @property
    def count(self) -> int | None:
        """How many values there are; None for infinitely many."""
        if self.step is None and not self.whole:
            return None
        return int((_exact(self.high) - _exact(self.low)) / self._step) + 1

    @property
    def last(self) -> int | float:
        """The last value: `high`, or below it where no whole number of steps leads there."""
        return self.high if self.count is None else self._at(self.count - 1)

    def values(self) -> Iterator[int | float]:
        """All values, from low to high, of a range that has a count."""
        assert self.count is not None
        return (self._at(index) for index in range(self.count))

    def holds(self, value: Any) -> bool:
        """Whether `value` is one of the range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not self.low <= value <= self.high:
            return False
        return self.count is None or math.isclose(self.as_listed(value), value, rel_tol=1e-9)

    def as_listed(self, value: int | float) -> int | float:
        """The value of the range that is nearest, free of rounding errors."""
        if self.count is None:
            return float(min(max(value, self.low), self.high))
        index = round((_exact(value) - _exact(self.low)) / self._step)
        return self._at(min(max(index, 0), self.count - 1))

    def as_fractions(self) -> "Range":
        """The same range over numbers with a fraction."""
        step = None if self.step is None else float(self.step)
        return self.model_copy(
            update={"low": float(self.low), "high": float(self.high), "step": step}
        )

    def encode(self, value: int | float) -> int | float:
        """Optuna's view of a value."""
        return self.as_listed(value)

    def decode(self, value: Any) -> Any:
        """The value of Optuna's view."""
        return self.as_listed(value)

    def distribution(self) -> "BaseDistribution":
        """Optuna's view of the dimension."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.whole:
            return IntDistribution(
                int(self.low), int(self.last), log=self.log, step=int(self._step)
            )
        return FloatDistribution(self.low, self.last, log=self.log, step=self.step)

    def suggest(self, trial: "BaseTrial", path: str) -> Any:
        """The trial's value under `path`."""
        if self.whole:
            steps = int(self._step)
            value: float = trial.suggest_int(
                path, int(self.low), int(self.last), log=self.log, step=steps
            )
        else:
            value = trial.suggest_float(path, self.low, self.last, log=self.log, step=self.step)
        return self.as_listed(value)

    @property
    def _step(self) -> Decimal:
        return _exact(1 if self.step is None else self.step)

    def _at(self, index: int) -> int | float:
        value = _exact(self.low) + self._step * index
        return int(value) if self.whole else float(value)


class Choice(Frozen):
    """One of the values listed, of any kind: numbers, text, true and false, lists, sections.

    Args:
        choice: the values.
        when: see `When`.
    """

    choice: list[Any] = Field(min_length=1)
    when: When

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for index, value in enumerate(self.choice):
            if any(same(value, earlier) for earlier in self.choice[:index]):
                raise broken(f"choice.{index}", "is listed twice")
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

    def as_listed(self, value: Any) -> Any:
        """The option that means the same as a value that the choice holds."""
        return next(option for option in self.choice if same(option, value))

    @cached_property
    def as_json(self) -> bool:
        """Whether Optuna sees the values as JSON: it takes no lists, and mixes up 1 and true."""
        kinds = {_kind(value) for value in self.choice if value is not None}
        return len(kinds) > 1 or not kinds <= {bool, float, str}

    def encode(self, value: Any) -> Scalar:
        """Optuna's view of a value that the choice holds."""
        option = self.as_listed(value)
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


_RANGE, _CHOICE = "{low, high}", "{choice}"  # no keys: locations of errors name them


def _variant(data: Any) -> str:
    """Which kind of dimension is meant, told by its keys."""
    given = data if isinstance(data, Mapping) else vars(data) if isinstance(data, Frozen) else ()
    return _RANGE if "choice" not in given and ("low" in given or "high" in given) else _CHOICE


def _shaped(data: Any) -> Any:
    """Refuse what is no dimension at all, before its keys are looked at."""
    if not isinstance(data, Mapping | Frozen):
        raise ValueError("must be {low: ..., high: ...} or {choice: [...]}")
    if isinstance(data, Mapping) and "choice" in data and {"low", "high"} & data.keys():
        raise ValueError("takes low and high, or choice, but not both")
    return data


Dimension = Annotated[
    Annotated[Range, Tag(_RANGE)] | Annotated[Choice, Tag(_CHOICE)],
    Discriminator(_variant),
    BeforeValidator(_shaped),
]
"""`{low, high}` with `log` or `step`, or `{choice: [...]}`; both take `when`."""


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _exact(number: int | float) -> Decimal:
    """The number as it is written, so that 0.1 + 2 * 0.1 is 0.3."""
    return Decimal(str(number))
