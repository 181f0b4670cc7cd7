"""Epochs by column, which takes a third of the space of rows."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tuner.records import EpochRecord

DIGITS = 6
"""Significant digits of a metric: more than a chart shows, fewer than a float holds."""

LARGE = 100.0
"""From here on values are exact: six digits would leave too few after the point."""


def group_by_trial(epochs: Iterable[EpochRecord]) -> dict[int, list[EpochRecord]]:
    """Return epochs by the number of their trial, in the given order."""
    groups: dict[int, list[EpochRecord]] = defaultdict(list)
    for epoch in epochs:
        groups[epoch.trial].append(epoch)
    return groups


def epoch_columns(epochs: Sequence[EpochRecord], origin: float) -> dict[str, Any]:
    """Return a trial's epochs; times are seconds since `origin`.

    Values that are missing or not finite are None; `broken` lists for each metric the positions at
    which it was measured but not finite, if there are any.
    """
    names = dict.fromkeys(name for epoch in epochs for name in epoch.metrics)
    places = {
        name: [at for at, epoch in enumerate(epochs) if _is_broken(epoch.metrics.get(name))]
        for name in names
    }
    broken = {name: found for name, found in places.items() if found}
    return {
        "epoch": [epoch.epoch for epoch in epochs],
        "started": [round(epoch.started - origin, 2) for epoch in epochs],
        "ended": [round(epoch.ended - origin, 2) for epoch in epochs],
        "worker": _runs([epoch.worker for epoch in epochs]),
        "metrics": {name: [_number(epoch.metrics.get(name)) for epoch in epochs] for name in names},
        **({"broken": broken} if broken else {}),
    }


def _runs(workers: Sequence[str]) -> list[tuple[str, int]]:
    """Workers as (name, number of epochs in a row); there is nearly always a single run."""
    runs: list[tuple[str, int]] = []
    for worker in workers:
        if runs and runs[-1][0] == worker:
            runs[-1] = (worker, runs[-1][1] + 1)
        else:
            runs.append((worker, 1))
    return runs


def _is_broken(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _number(value: Any) -> float | None:
    """A value in few digits, unless the page might then round it differently.

    Five digits or two decimals are the same from the rounded value, except if the last kept digit
    is a five, or if most digits are before the point.
    """
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    text = f"{value:.{DIGITS}g}"
    tie = text.partition("e")[0].endswith("5")
    return float(value) if tie or abs(value) >= LARGE else float(text)
