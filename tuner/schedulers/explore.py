"""How population based training changes a setting."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import exp, log
from random import Random
from typing import Any

from tuner.schedulers.protocol import Mutable

_ROUNDING = 1e-6
"""Of a step: how far an end that was computed may be from a value."""


def explore(
    params: Mapping[str, Any],
    mutables: Mapping[str, Mutable],
    *,
    factors: Sequence[float],
    resample: float,
    random: Random,
) -> dict[str, Any]:
    """New params: each mutable value is perturbed, or drawn anew with probability `resample`.

    What is perturbed on a grid moves by a step at least, unless it is at the end.

    Values that are not mutable, or not part of this setting, stay as they are.
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
        # A factor that does not lead out of 2, or of 0, would leave it as it is for good.
        return _fit(value + (step if factor > 1 else -step), mutable)
    return found


def _fit(value: float, mutable: Mutable) -> float | int:
    """The allowed value nearest to this one."""
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
