"""What a curve comes down to: the best and last value of a metric, and its value at an epoch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tuner.objectives.metric import Metric


@dataclass(frozen=True)
class MetricSummary:
    """One metric of one trial over its epochs; None where it was never finite.

    `best` is the largest or smallest value, by the metric's direction (None without one), and
    `best_epoch` the first epoch that reached it (None for a static metric). `last` is the value
    of the last epoch that measured the metric. `at_best` is its value at the trial's best epoch,
    that of the metric which the study searches for: all `at_best` are of one checkpoint.
    """

    best: float | None = None
    last: float | None = None
    best_epoch: int | None = None
    at_best: float | None = None
    least: float | None = None
    greatest: float | None = None


def finite(value: object) -> float | None:
    """`value` if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def summarize(
    curve: Iterable[tuple[int, object]], metric: Metric, *, at: int | None = None
) -> MetricSummary:
    """Sum up a curve of (epoch, value), which is in the order of the epochs.

    Args:
        curve: of the metric.
        metric: its direction decides what is best.
        at: the trial's best epoch.
    """
    points = list(curve)
    values = [(epoch, value) for epoch, raw in points if (value := finite(raw)) is not None]
    if not values:
        return MetricSummary()
    least = min(values, key=lambda point: (point[1], point[0]))
    greatest = max(values, key=lambda point: (point[1], -point[0]))
    epoch, best = least if metric.minimized else greatest
    directed = metric.direction is not None
    return MetricSummary(
        best=best if directed else None,
        last=finite(points[-1][1]),
        best_epoch=epoch if directed else None,
        at_best=next((value for number, value in values if number == at), None),
        least=least[1],
        greatest=greatest[1],
    )
