"""The dimensions of a search in Python code: `Float`, `Int` and `Choice`."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sr_models.errors import UserError
from tuner.space import Choice as ChoiceDimension
from tuner.space import Range

Made = TypeVar("Made", Range, ChoiceDimension)


def Float(  # noqa: N802 - named as a type: it describes one
    low: float, high: float, *, log: bool = False, step: float | None = None, when: Any = None
) -> Range:
    """A number from `low` to `high`, both included.

    Args:
        low: smallest value.
        high: largest value.
        log: search evenly over orders of magnitude.
        step: distance between neighbouring values.
        when: param -> value (or list of values) under which this param is searched.

    Returns:
        The dimension.

    Raises:
        UserError: the range is not valid; the message names the rule.
    """
    given = {"low": low, "high": high} | ({} if step is None else {"step": step})
    return _range("Float", {key: _number(key, value) for key, value in given.items()}, log, when)


def Int(  # noqa: N802
    low: int, high: int, *, log: bool = False, step: int | None = None, when: Any = None
) -> Range:
    """A whole number from `low` to `high`, both included; see `Float`.

    Raises:
        UserError: a bound or the step is a fraction, or the range is not valid.
    """
    given = {"low": low, "high": high} | ({} if step is None else {"step": step})
    return _range("Int", {key: _whole(key, value) for key, value in given.items()}, log, when)


def Choice(options: Iterable[Any], *, when: Any = None) -> ChoiceDimension:  # noqa: N802
    """One of several plain values: numbers, text, booleans, lists, dictionaries.

    Args:
        options: the values.
        when: as for `Float`.

    Raises:
        UserError: there are no values, or a value is listed twice.
    """
    if isinstance(options, str | Mapping) or not isinstance(options, Iterable):
        raise UserError(f"tuner.Choice: {options!r} must be a list of values")
    return _checked(ChoiceDimension, "Choice", {"choice": list(options), "when": _when(when)})


def _range(name: str, bounds: Mapping[str, float], log: bool, when: Any) -> Range:
    return _checked(Range, name, {**bounds, "log": log, "when": _when(when)})


def _checked(kind: type[Made], name: str, data: dict[str, Any]) -> Made:
    from tuner.config.checks import checked

    return checked(kind, data, f"tuner.{name}")


def _when(when: Any) -> dict[str, Any]:
    if not isinstance(when or {}, Mapping):
        raise UserError(f"when = {when!r}: must be a dictionary: param -> value, or list of values")
    return dict(when or {})


def _number(name: str, value: Any) -> float:
    found = _as_float(value)
    if found is None:
        raise UserError(f"tuner.Float: {name} = {value!r} must be a number")
    return found


def _whole(name: str, value: Any) -> int:
    found = _as_float(value)
    if found is None or not found.is_integer():
        raise UserError(f"tuner.Int: {name} = {value!r} must be a whole number; use tuner.Float")
    return int(value)


def _as_float(value: Any) -> float | None:
    """A number of any library as a float; None for text, even if it looks like a number."""
    try:
        return None if isinstance(value, str | bool) else float(value)
    except (TypeError, ValueError):
        return None
