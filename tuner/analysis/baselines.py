"""Baselines that trials are compared with, over the parts that a trial has, and gains over them.

A metric may be a mean over parts (for example the outputs of a network), each of which is a metric
of its own, NAME_PART. A trial that has only some of the parts is compared with the baseline of
those parts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from tuner.objectives.metric import Metric

Described = Mapping[str, Metric]
MOST_PARTS = 4
"""If there are more parts, only all of them and each alone are distinguished: there would be too
many combinations."""


@dataclass(frozen=True)
class Gain:
    """How much better than its baseline a trial is.

    Attributes:
        of: the metric that is compared with its baseline.
        shown: the description of the difference: the objective's own metric if it yields the
            difference, else a description made here.
        recorded: whether the objective yields the difference.
    """

    of: Metric
    shown: Metric
    recorded: bool

    @property
    def heading(self) -> str:
        """The heading above it; below the baseline is no gain if less is better."""
        return "difference" if self.shown.minimized else "gain"


def gain_of(described: Described, goal: str | None) -> Gain | None:
    """Return the gain of a study.

    It is over the baseline of the metric that the objective names, else of the goal, else of the
    first metric that has a baseline.
    """
    for metric in described.values():
        if metric.over in described:
            return Gain(described[metric.over], metric, recorded=True)
    compared = [metric for metric in described.values() if metric.baseline is not None]
    found = next((metric for metric in compared if metric.name == goal), None)
    of = found or next(iter(compared), None)
    return None if of is None else _gain_over_baseline(of)


def goal_gain(described: Described, goal: str | None) -> Gain | None:
    """Return the gain of the goal itself, which may not be the study's gain.

    None if the goal has no baseline: the gain of another metric says nothing about it.
    """
    gain = gain_of(described, goal)
    if gain is None or gain.of.name == goal:
        return gain
    metric = described.get(goal or "")
    return None if metric is None or metric.baseline is None else _gain_over_baseline(metric)


def _gain_over_baseline(of: Metric) -> Gain:
    what = "difference from" if of.minimized else "gain over"
    label = f"{what} {of.baseline_label or 'the baseline'}"
    return Gain(of, replace(of, name="gain", label=label, signed=True), recorded=False)


def all_parts(described: Described) -> tuple[str, ...]:
    """Return the parts that any metric is a mean over."""
    return tuple(dict.fromkeys(part for metric in described.values() for part in metric.mean_over))


def parts_of(described: Described, measured: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of a trial that has measured these metrics; empty if that is unclear."""
    names = set(measured)
    means = [metric for metric in described.values() if metric.mean_over]
    return tuple(
        part
        for part in all_parts(described)
        if any(f"{metric.name}_{part}" in names for metric in means)
    )


def over_parts(
    values: Mapping[str, float], parts: Iterable[str], described: Described
) -> dict[str, float]:
    """Return a baseline's values over these parts only, with its means taken over them."""
    wanted = tuple(parts)
    left_out = tuple(f"_{part}" for part in all_parts(described) if part not in wanted)
    if not wanted or not left_out:
        return dict(values)
    kept = {name: value for name, value in values.items() if not name.endswith(left_out)}
    for name in kept:
        known = [values.get(f"{name}_{part}") for part in wanted]
        found = [value for value in known if value is not None]
        if len(found) == len(wanted):
            kept[name] = sum(found) / len(found)
    return kept


def part_choices(described: Described) -> Iterable[tuple[str, ...]]:
    """Return the combinations of parts that trials may have, the empty combination included."""
    parts = all_parts(described)
    counts = range(len(parts) + 1) if len(parts) <= MOST_PARTS else (0, 1, len(parts))
    return (choice for count in counts for choice in combinations(parts, count))


def rescaled(metric: Metric, value: float | None, parts: int) -> float | None:
    """Return a value on the metric's other scale; None without a scale, a value or parts."""
    scale = metric.scale
    if scale is None or value is None or (scale.summed and not parts):
        return None
    return (parts if scale.summed else 1) * value / scale.divisor
