"""The summary of a curve: the best and last value of a metric, and its value at an epoch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tuner.objectives.metric import Metric


@dataclass(frozen=True)
class MetricSummary:
    """A metric of a trial over its epochs; fields are None if it was never finite.

    Attributes:
        best: the largest or smallest value, by the metric's direction (None without a direction).
        last: the value at the last epoch that measured the metric.
        best_epoch: the first epoch that reached the best value (None for a static metric).
        at_best: the value at the trial's best epoch, which is the best epoch of the metric that is
            searched for, so all `at_best` belong to the same checkpoint.
        least: the smallest value.
        greatest: the largest value.
    """

    best: float | None = None
    last: float | None = None
    best_epoch: int | None = None
    at_best: float | None = None
    least: float | None = None
    greatest: float | None = None


def finite(value: object) -> float | None:
    """Return `value` if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def summarize(
    curve: Iterable[tuple[int, object]], metric: Metric, *, at: int | None = None
) -> MetricSummary:
    """Summarize a curve of (epoch, value), in the order of the epochs.

    Args:
        curve: the values of the metric.
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
