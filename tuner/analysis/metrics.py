"""Which way a metric is better, and the best and last value of its curve."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_SMALLER_IS_BETTER = {
    "loss", "error", "regret", "perplexity", "seconds", "ms", "mse", "mae", "rmse", "lpips",
    "parameters", "latency", "flops", "memory", "bytes",
}  # fmt: skip


@dataclass(frozen=True)
class MetricSummary:
    """One metric of one trial over its epochs; None where it was never finite.

    `best` is the largest or smallest value, by the metric's direction, and `best_epoch` the
    first epoch that reached it (None for a fact, which is known without training). `last` is
    the value of the last epoch that measured the metric.
    """

    best: float | None = None
    last: float | None = None
    best_epoch: int | None = None


def minimized(metric: str, directions: Mapping[str, str] | None = None) -> bool:
    """Whether less of `metric` is better: as the study says, else by the words of its name."""
    if directions and metric in directions:
        return directions[metric] == "minimize"
    return not _SMALLER_IS_BETTER.isdisjoint(re.split(r"[^a-z0-9]+", metric.lower()))


def finite(value: object) -> float | None:
    """`value` if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def summarize(curve: Iterable[tuple[int, object]], *, minimize: bool) -> MetricSummary:
    """Best and last of a curve of (epoch, value), in the order of the epochs."""
    points = list(curve)
    values = [(epoch, value) for epoch, raw in points if (value := finite(raw)) is not None]
    if not values:
        return MetricSummary()
    sign = 1 if minimize else -1
    epoch, best = min(values, key=lambda point: (sign * point[1], point[0]))
    return MetricSummary(best, finite(points[-1][1]), epoch)
