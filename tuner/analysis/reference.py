"""The differences of a row from the reference."""

from collections.abc import Callable, Mapping

from tuner.analysis.rows import BaselineRow, Changes, Difference, Row
from tuner.analysis.settings import canonical
from tuner.objectives.metric import Metric

Describe = Callable[[str], Metric]
Values = Mapping[str, float | None]


def changes_of_trial(
    row: Row, reference: Row, params: tuple[str, ...], describe: Describe
) -> Changes:
    """Return the params that differ, and the differences of all metrics that both have.

    Neither is better in a metric that cannot be compared, because of different losses or data.
    """
    unlike = {name for name, kind in row.kinds.items() if reference.kinds.get(name) != kind}
    if row.data != reference.data:
        unlike = set(row.metrics)
    differ = (p for p in params if canonical(row.params[p]) != canonical(reference.params[p]))
    return Changes(
        frozenset(differ),
        _differences(_best(row), _best(reference), describe, unlike),
        _differences(_at_best(row), _at_best(reference), describe, unlike),
    )


def changes_of_baseline(line: BaselineRow, reference: Row, describe: Describe) -> Changes:
    """Return the differences of a baseline's metrics."""
    return Changes(
        frozenset(),
        _differences(line.metrics, _best(reference), describe, set()),
        _differences(line.metrics, _at_best(reference), describe, set()),
    )


def _best(row: Row) -> Values:
    return {name: summary.best for name, summary in row.metrics.items()}


def _at_best(row: Row) -> Values:
    return {name: summary.at_best for name, summary in row.metrics.items()}


def _differences(
    values: Values, reference: Values, describe: Describe, unlike: set[str]
) -> dict[str, Difference]:
    found = {}
    for name, value in values.items():
        other = reference.get(name)
        if value is not None and other is not None:
            better = None if name in unlike else _better(value - other, describe(name))
            found[name] = Difference(value - other, better)
    return found


def _better(difference: float, metric: Metric) -> bool | None:
    if difference == 0 or metric.direction is None:
        return None
    return (difference < 0) == metric.minimized
