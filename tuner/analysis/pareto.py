"""Pareto fronts: which trials, or points, no other dominates."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tuner.records import TrialState

if TYPE_CHECKING:
    from tuner.analysis.rows import Row
    from tuner.analysis.snapshot import Snapshot


def front(study: "Snapshot", rows: Iterable["Row"]) -> list[int]:
    """Return the trials on the Pareto front of a study with several metrics; else nothing.

    Trials count with their best epoch, so that the values belong to the same checkpoint; failed
    trials and repeats are left out.
    """
    if len(study.metrics) < 2:
        return []
    points = {}
    for row in rows:
        found = [row.metrics[name].at_best for name in study.metrics if name in row.metrics]
        values = [value for value in found if value is not None]
        counts = row.state is not TrialState.FAILED and not row.is_repeat
        if counts and len(values) == len(study.metrics):
            points[row.number] = values
    less = [study.describe(name).minimized for name in study.metrics]
    numbers = list(points)
    return [numbers[index] for index in pareto_front(list(points.values()), less)]


def pareto_front(points: Sequence[Sequence[float]], minimize: Sequence[bool]) -> list[int]:
    """Return the indexes of the points that no other point dominates, in their order.

    A point dominates another if it is at least as good in every coordinate and better in at least
    one; equal points do not dominate each other. Two coordinates take n log n steps, more take n
    squared.

    Args:
        points: the points, each with the same number of coordinates.
        minimize: for each coordinate, whether less is better.
    """
    costs = [
        tuple(value if less else -value for value, less in zip(point, minimize, strict=True))
        for point in points
    ]
    if len(minimize) == 2:
        return _front_of_two(costs)
    return [
        index
        for index, cost in enumerate(costs)
        if not any(_dominates(other, cost) for other in costs)
    ]


def _front_of_two(costs: Sequence[tuple[float, ...]]) -> list[int]:
    front = []
    order = sorted(range(len(costs)), key=lambda index: costs[index])
    last: tuple[float, ...] | None = None
    for index in order:
        if last is None or costs[index][1] < last[1] or costs[index] == last:
            front.append(index)
            last = costs[index]
    return sorted(front)


def _dominates(costs: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return costs != other and all(a <= b for a, b in zip(costs, other, strict=True))
