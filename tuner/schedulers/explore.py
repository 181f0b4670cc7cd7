"""How population-based training changes the params of a trial."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import exp, log
from random import Random
from typing import Any

from tuner.schedulers.protocol import Mutable

_ROUNDING = 1e-6
"""How far an end of the range may be from a whole number of steps, as a part of a step."""


def explore(
    params: Mapping[str, Any],
    mutables: Mapping[str, Mutable],
    *,
    factors: Sequence[float],
    resample: float,
    random: Random,
) -> dict[str, Any]:
    """Return new params: each mutable value is perturbed, or redrawn with probability `resample`.

    A perturbed value on a grid moves by at least a step, unless it is at the end of its range.

    Args:
        params: dotted path -> value; values that are not in `mutables` stay as they are.
        mutables: the values that may change.
        factors: a number is multiplied by one of these, chosen at random.
        resample: probability in [0, 1].
        random: the source of all random choices.
    """
    changed = {
        path: _draw(mutable, random)
        if random.random() < resample
        else _perturb(params[path], mutable, factors, random)
        for path, mutable in mutables.items()
        if path in params
    }
    return {**params, **changed}


def _draw(mutable: Mutable, random: Random) -> Any:
    if mutable.choices is not None:
        return random.choice(mutable.choices)
    if mutable.log:
        return _fit(exp(random.uniform(log(mutable.low), log(mutable.high))), mutable)
    return _fit(random.uniform(mutable.low, mutable.high), mutable)


def _perturb(value: Any, mutable: Mutable, factors: Sequence[float], random: Random) -> Any:
    if mutable.choices is not None:
        place = mutable.choices.index(value) + random.choice((-1, 1))
        return mutable.choices[min(max(place, 0), len(mutable.choices) - 1)]
    factor = random.choice(factors)
    found, step = _fit(value * factor, mutable), _step(mutable)
    if found == value and step is not None and factor != 1:
        # A small whole number, such as 2 or 0, can be the same after the factor and rounding:
        # it would never change.
        return _fit(value + (step if factor > 1 else -step), mutable)
    return found


def _fit(value: float, mutable: Mutable) -> float | int:
    """The allowed value that is nearest to `value`."""
    step = _step(mutable)
    if step is not None:
        most = int((mutable.high - mutable.low) / step + _ROUNDING)
        place = min(max(round((value - mutable.low) / step), 0), most)
        # In decimals, so that 0.1 + 2 * 0.1 is 0.3, and the end as it is given: as everywhere else.
        value = float(Decimal(str(mutable.low)) + place * Decimal(str(step)))
        if abs(value - mutable.high) <= step * _ROUNDING:
            value = mutable.high
    value = min(max(value, mutable.low), mutable.high)
    return round(value) if mutable.integer else value


def _step(mutable: Mutable) -> float | None:
    return mutable.step or (1 if mutable.integer else None)
