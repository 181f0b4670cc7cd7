"""The columns that people read, with those that matter most kept where space is short."""

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
    short_names,
    study_columns,
    trial_column,
)
from tuner.analysis.report_scale import PSNR
from tuner.analysis.values import MISSING, seconds_text, unit

if TYPE_CHECKING:
    from tuner.analysis.comparison import Comparison

_HIDDEN = ("validation/gain", "seconds")
"""Metrics that have a column of another kind: the gain, and the time of the trial."""


def shown_columns(comparison: "Comparison", *, short: bool = False) -> list[Column]:
    """Trial, settings, what was searched for, then all else that was measured.

    With `short`, settings are called by the last part of their path where that is clear.
    """
    names = short_names(comparison.params) if short else {}
    searched = [name for study in comparison.studies for name in study.metrics]
    first = [n for n in dict.fromkeys(searched) if n in comparison.metrics and n not in _HIDDEN]
    others = [name for name in comparison.metrics if name not in (*first, *_HIDDEN)]
    return [
        *study_columns(comparison),
        trial_column(),
        Column("state", lambda row: row.state.value, priority=3),
        *(
            param_column(path, title=names.get(path, path), priority=4)
            for path in comparison.params
        ),
        *(_best(comparison, name, priority=index) for index, name in enumerate(first)),
        *_gain(comparison),
        *_on_reports_scale(comparison),
        Column("epochs", lambda row: row.epochs, title="epochs", align="right", priority=6),
        Column("time", lambda row: row.seconds, text=_time, align="right", priority=7),
        *(_best(comparison, name, priority=8) for name in others),
        *_other_reported(comparison),
        *(c for c in fact_columns(comparison, priority=10) if c.key not in comparison.metrics),
    ]


def _best(comparison: "Comparison", metric: str, priority: int) -> Column:
    static_metrics = {name for row in comparison.rows for name in row.static_metrics}
    end = "min" if comparison.minimized(metric) else "max"
    parts = [metric] if metric in static_metrics else [metric, end, unit(metric)]
    return best_column(metric, title=" ".join(filter(None, parts)), priority=priority)


def _gain(comparison: "Comparison") -> list[Column]:
    return [gain_column(1)] if any(row.gain is not None for row in comparison.rows) else []


def _on_reports_scale(comparison: "Comparison") -> list[Column]:
    """Ours and the report's PSNR side by side."""
    scale = scale_column(PSNR, title="report's scale", priority=2)
    return [
        *([scale] if PSNR in scaled_metrics(comparison) else []),
        *([reported_column(PSNR, priority=5)] if PSNR in reported_metrics(comparison) else []),
    ]


def _other_reported(comparison: "Comparison") -> list[Column]:
    names = [name for name in reported_metrics(comparison) if name != PSNR]
    return [reported_column(name, priority=9) for name in names]


def _time(seconds: float | None) -> str:
    return MISSING if seconds is None else seconds_text(seconds)
