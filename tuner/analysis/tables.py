"""A comparison as a table: all plain values for programs, the most important for people."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tuner.analysis.columns import (
    Column,
    Statistic,
    gain_columns,
    metric_column,
    param_column,
    reported_column,
    reported_metrics,
    scale_column,
    scaled_metrics,
    short_names,
    static_columns,
    study_columns,
    trial_column,
)
from tuner.analysis.comparison import Comparison, Line, is_on_front
from tuner.analysis.metrics import MetricSummary
from tuner.analysis.rows import Repeats, Row
from tuner.analysis.values import MISSING, epochs_text, mean_text, seconds_text
from tuner.records import TrialState

if TYPE_CHECKING:
    import pandas as pd

PARAMS = 2
"""The priority of settings, before it is known which of them matter."""


def to_frame(comparison: Comparison) -> "pd.DataFrame":
    """Return the plain values as a data frame: a row for every trial and baseline."""
    import pandas as pd

    columns = plain_columns(comparison)
    lines = [[column.value(line) for column in columns] for line in comparison.lines()]
    return pd.DataFrame(lines, columns=[column.key for column in columns])


def plain_columns(comparison: Comparison) -> list[Column]:
    """Return all plain values of a comparison, as CSV and data frames hold them.

    In this order: `study` (if there are several), `trial`, `kind`, `state`, the settings by path,
    `epochs`, `seconds`, `best_epoch`; for repeated trials `mean` and `deviation` over so many
    `repeats`; for each metric `best`, `last`, `best_epoch`, `at_best` (at the trial's best epoch)
    and, against a reference, `change` (of the best) and `at_best_change`; `gain` and other scales
    at the best epoch; `reported` by metric; the static metrics; `front` in a study with several
    metrics; against a reference `changed` (its settings that differ); `reason`, `error`.
    """
    before = [
        *study_columns(comparison),
        trial_column(),
        Column("kind", lambda row: row.kind.value),
        Column("state", lambda row: row.state.value),
    ]
    after = [
        Column("epochs", lambda row: row.epochs),
        Column("seconds", lambda row: round(row.seconds, 3)),
        Column("best_epoch", lambda row: row.best_epoch),
        *_repeats_columns(comparison),
        *(part for name in comparison.metrics for part in _statistics(comparison, name)),
        *gain_columns(comparison),
        *(scale_column(comparison, name) for name in scaled_metrics(comparison)),
        *map(reported_column, reported_metrics(comparison)),
        *static_columns(comparison),
        *_front_columns(comparison),
        *([Column("changed", _changed)] if comparison.reference else []),
        Column("reason", lambda row: row.reason),
        Column("error", lambda row: row.error),
    ]
    taken = {column.key for column in (*before, *after)}
    params = (
        param_column(path, key=f"params.{path}" if path in taken else path)
        for path in comparison.params
    )
    return [*before, *params, *after]


def shown_columns(comparison: Comparison, *, short: bool = False) -> list[Column]:
    """Return the columns for people: trial, settings, goals, then all other metrics.

    With `short`, settings are called by the last part of their path if that is unique, and metrics
    by their short names.
    """
    names = short_names(comparison.params) if short else {}
    first, others = _metrics(comparison)
    parts = _parts(comparison, first)
    static = (c for c in static_columns(comparison, priority=12) if c.key not in first)
    return [
        *study_columns(comparison),
        trial_column(),
        Column("state", lambda row: row.state.value, priority=_state_priority(comparison)),
        *(param_column(p, title=names.get(p, p), priority=PARAMS) for p in comparison.params),
        *(_shown(comparison, name, index, short=short) for index, name in enumerate(first)),
        *_mean_columns(comparison),
        *(_shown(comparison, name, 3, short=short) for name in others if name in parts),
        *(c for c in gain_columns(comparison, priority=4) if _has_values(comparison, c)),
        *_beside_published(comparison),
        Column("epochs", lambda row: row, title="epochs", text=_epochs, align="right", priority=5),
        Column("time", lambda row: row.seconds, text=_time, align="right", priority=9),
        *(_shown(comparison, name, 10, short=short) for name in others if name not in parts),
        *(reported_column(n, priority=11) for n in _other_published(comparison)),
        *static,
    ]


def _metrics(comparison: Comparison) -> tuple[list[str], list[str]]:
    """The metrics that are searched for, and the others that are worth a column.

    The gain has a column of its own, also for trials that did not record it.
    """
    searched = {name for study in comparison.studies for name in study.metrics}
    described = {name: comparison.describe(name) for name in comparison.metrics}
    listed = [name for name, metric in described.items() if not (metric.minor or metric.over)]
    first = [name for name in comparison.metrics if name in searched and not described[name].over]
    return first, [name for name in listed if name not in first]


def _state_priority(comparison: Comparison) -> int:
    """High if a value may not be the trial's final value; `3 of 6` epochs already shows a stop."""
    told = (TrialState.COMPLETE, TrialState.STOPPED)
    return 7 if all(row.state in told for row in comparison.rows) else 1


def _parts(comparison: Comparison, goals: list[str]) -> set[str]:
    """The parts of the metrics that are searched for."""
    means = map(comparison.describe, goals)
    return {f"{metric.name}_{part}" for metric in means for part in metric.mean_over}


def _shown(comparison: Comparison, name: str, priority: int, *, short: bool) -> Column:
    metric = comparison.describe(name)
    goal = name in {study.metric for study in comparison.studies}
    end = "min" if metric.minimized else "max"
    says_end = (goal or comparison.best_of_each) and metric.direction and not metric.static
    called = metric.short if short and metric.short else name
    title = " ".join(filter(None, [called, end if says_end else "", metric.unit]))
    statistic: Statistic = "best" if comparison.best_of_each else "at_best"
    return metric_column(comparison, name, statistic, title=title, priority=priority)


def _beside_published(comparison: Comparison) -> list[Column]:
    """The first metric that has another scale, on that scale, beside the published figures."""
    name = next(iter(scaled_metrics(comparison)), None)
    if name is None or name not in reported_metrics(comparison):
        return []
    return [scale_column(comparison, name, priority=8), reported_column(name, priority=8)]


def _other_published(comparison: Comparison) -> list[str]:
    first = scaled_metrics(comparison)[:1]
    return [name for name in reported_metrics(comparison) if name not in first]


def _statistics(comparison: Comparison, name: str) -> list[Column]:
    def summary(row: Row) -> MetricSummary:
        return row.metrics.get(name, MetricSummary())

    def change(line: Line) -> float | None:
        found = line.changes.best.get(name) if line.changes else None
        return found.value if found else None

    def change_at_best(line: Line) -> float | None:
        found = line.changes.at_best.get(name) if line.changes else None
        return found.value if found else None

    found = [
        metric_column(comparison, name, "best"),
        Column(f"{name} last", lambda row: summary(row).last),
        Column(f"{name} best_epoch", lambda row: summary(row).best_epoch),
        metric_column(comparison, name, "at_best"),
    ]
    if comparison.reference is None:
        return found
    return [
        *found,
        Column(f"{name} change", change, change),
        Column(f"{name} at_best_change", change_at_best, change_at_best),
    ]


def _mean_columns(comparison: Comparison) -> list[Column]:
    """The results of trials with other seeds, if any trial was repeated."""
    if not any(row.repeats for row in comparison.rows):
        return []
    metric = comparison.describe(comparison.metric or "")

    def text(found: Repeats | None) -> str:
        if found is None:
            return MISSING
        return f"{mean_text(metric, found.mean, found.deviation)} ({len(found.values)})"

    title = " ".join(filter(None, ["mean over seeds", metric.unit]))
    column = Column("repeats", lambda row: row.repeats, title=title, text=text, align="right")
    return [replace(column, priority=1)]


def _repeats_columns(comparison: Comparison) -> list[Column]:
    if not any(row.repeats for row in comparison.rows):
        return []
    return [
        Column("mean", lambda row: row.repeats and row.repeats.mean),
        Column("deviation", lambda row: row.repeats and row.repeats.deviation),
        Column("repeats", lambda row: row.repeats and len(row.repeats.values)),
    ]


def _front_columns(comparison: Comparison) -> list[Column]:
    if not any(len(study.metrics) > 1 for study in comparison.studies):
        return []
    return [Column("front", lambda row: is_on_front(comparison, row))]


def _has_values(comparison: Comparison, column: Column) -> bool:
    return any(column.value(row) is not None for row in comparison.rows)


def _changed(row: Row) -> str | None:
    return " ".join(sorted(row.changes.params)) if row.changes else None


def _epochs(row: Row | None) -> str:
    if row is None:
        return MISSING
    return epochs_text(row.epochs, row.planned if row.cut_short else None)


def _time(seconds: float | None) -> str:
    return MISSING if seconds is None else seconds_text(seconds)
