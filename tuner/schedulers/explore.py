"""How population based training changes a setting."""

from collections.abc import Mapping, Sequence
from math import exp, log
from random import Random
from typing import Any

from tuner.schedulers.protocol import Mutable


def explore(
    params: Mapping[str, Any],
    mutables: Mapping[str, Mutable],
    *,
    factors: Sequence[float],
    resample: float,
    random: Random,
) -> dict[str, Any]:
    """New params: each mutable value is perturbed, or drawn anew with probability `resample`.

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
    if mutable.choices is None:
        return _fit(value * random.choice(factors), mutable)
    place = mutable.choices.index(value) + random.choice((-1, 1))
    return mutable.choices[min(max(place, 0), len(mutable.choices) - 1)]


def _fit(value: float, mutable: Mutable) -> float | int:
    """The allowed value nearest to this one."""
    step = mutable.step or (1 if mutable.integer else None)
    if step is not None:
        most = int((mutable.high - mutable.low) / step + 1e-9)
        place = round((value - mutable.low) / step)
        value = mutable.low + min(max(place, 0), most) * step
    value = min(max(value, mutable.low), mutable.high)
    return round(value) if mutable.integer else value
