"""Every plain value of a comparison, for programs, spreadsheets and pandas."""

from typing import TYPE_CHECKING

from tuner.analysis.columns import (
    Column,
    best_column,
    fact_columns,
    gain_column,
    param_column,
    reported_column,
    reported_metrics,
    scale_column,
    scaled_metrics,
    study_columns,
    trial_column,
)
from tuner.analysis.metrics import MetricSummary
from tuner.analysis.rows import BicubicRow, Row

if TYPE_CHECKING:
    from tuner.analysis.comparison import Comparison


def plain_columns(comparison: "Comparison") -> list[Column]:
    """In this order: `study` (of several), `trial`, `kind`, `state`, the settings by path,
    `epochs`, `seconds`; of each metric `best`, `last`, `best_epoch` and, against a reference,
    `change`; `gain`, `report_scale` and `reported` by metric, the facts; against a reference
    `changed` (its settings that differ); `reason`, `error`.
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
        *(part for metric in comparison.metrics for part in _parts(comparison, metric)),
        gain_column(),
        *(scale_column(metric) for metric in scaled_metrics(comparison)),
        *(reported_column(metric) for metric in reported_metrics(comparison)),
        *fact_columns(comparison),
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


def _parts(comparison: "Comparison", metric: str) -> list[Column]:
    def summary(row: Row) -> MetricSummary:
        return row.metrics.get(metric, MetricSummary())

    return [
        best_column(metric, title=""),
        Column(f"{metric} last", lambda row: summary(row).last),
        Column(f"{metric} best_epoch", lambda row: summary(row).best_epoch),
        *([_change(metric)] if comparison.reference else []),
    ]


def _change(metric: str) -> Column:
    def change(row: Row | BicubicRow) -> float | None:
        found = row.changes.metrics.get(metric) if row.changes else None
        return found.value if found else None

    return Column(f"{metric} change", change, change)


def _changed(row: Row) -> str | None:
    return " ".join(sorted(row.changes.params)) if row.changes else None
