"""The columns of a comparison: their names, their values, and how these are shown."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sr_models.plain_text import one_line
from tuner.analysis.comparison import Comparison, Line
from tuner.analysis.metrics import MetricSummary
from tuner.analysis.rows import BaselineRow, Row
from tuner.analysis.values import (
    MISSING,
    metric_text,
    number_text,
    scale_text,
    setting_text,
)

Statistic = Literal["best", "at_best"]


def _nothing(_: BaselineRow) -> Any:
    return None


@dataclass(frozen=True)
class Column:
    """A column: `value` gives plain data, `text` formats it for people.

    A column of `priority` 0 is always shown; where space is short, the highest are left out first.
    `param` or `metric` is set so that differences from a reference can be marked.
    """

    key: str
    of_trial: Callable[[Row], Any]
    of_baseline: Callable[[BaselineRow], Any] = _nothing
    title: str = ""
    text: Callable[[Any], str] = setting_text
    align: Literal["left", "right"] = "left"
    priority: int = 0
    param: str | None = None
    metric: str | None = None

    def value(self, line: Line) -> Any:
        """Return the plain value of a row, None if it has none."""
        return self.of_trial(line) if isinstance(line, Row) else self.of_baseline(line)

    @property
    def heading(self) -> str:
        """The heading that people read."""
        return one_line(self.title or self.key)


def study_columns(comparison: Comparison) -> list[Column]:
    """Return the column with the study of a row, if there are several studies."""
    column = Column("study", lambda row: row.study, lambda row: row.study)
    return [column] if len(comparison.studies) > 1 else []


def trial_column() -> Column:
    """Return the column with the name of the trial or baseline."""
    return Column("trial", lambda row: row.trial, lambda row: row.label)


def param_column(path: str, *, key: str = "", title: str = "", priority: int = 0) -> Column:
    """Return the column with the trials' values of the setting at a dotted path."""
    return Column(
        key or path, lambda row: row.params[path], title=title, priority=priority, param=path
    )


def metric_column(
    comparison: Comparison,
    name: str,
    statistic: Statistic,
    *,
    title: str = "",
    priority: int = 0,
) -> Column:
    """Return the column with the best value of a metric, or its value at the best epoch."""
    metric = comparison.describe(name)
    return Column(
        f"{name} {statistic}",
        lambda row: getattr(row.metrics.get(name, MetricSummary()), statistic),
        lambda row: row.metrics.get(name),
        title=title,
        text=lambda value: metric_text(metric, value),
        align="right",
        priority=priority,
        metric=name,
    )


def gain_columns(comparison: Comparison, priority: int = 0) -> list[Column]:
    """Return the column with the gain over the baseline of a trial's parts."""
    gain = comparison.gain
    if gain is None:
        return []
    column = Column(
        "gain",
        lambda row: shown(comparison, row.gain),
        lambda row: row.gain,
        title=" ".join(filter(None, [gain.heading, gain.shown.unit])),
        text=lambda value: metric_text(gain.shown, value),
        align="right",
        priority=priority,
    )
    return [column]


def scaled_metrics(comparison: Comparison) -> list[str]:
    """Return the metrics that are also given on another scale."""
    lines = comparison.lines()
    return [name for name in comparison.metrics if any(name in line.scaled for line in lines)]


def scale_column(comparison: Comparison, name: str, *, priority: int = 0) -> Column:
    """Return the column with a metric on its other scale."""
    scale = comparison.describe(name).scale
    assert scale is not None, f"{name} has no other scale"
    return Column(
        f"{scale.name} {name}",
        lambda row: shown(comparison, row.scaled.get(name, MetricSummary())),
        lambda row: row.scaled.get(name),
        title=scale.label,
        text=lambda value: scale_text(scale, value),
        align="right",
        priority=priority,
    )


def reported_metrics(comparison: Comparison) -> list[str]:
    """Return the metrics for which any trial has a published figure."""
    return sorted({name for row in comparison.rows for name in row.reported})


def reported_column(name: str, *, priority: int = 0) -> Column:
    """Return the column with the published figures of the trials."""
    return Column(
        f"reported {name}",
        lambda row: row.reported.get(name),
        title=f"{name} reported",
        text=lambda value: MISSING if value is None else number_text(value, 6),
        align="right",
        priority=priority,
    )


def static_columns(comparison: Comparison, priority: int = 0) -> list[Column]:
    """Return the columns with the static metrics, such as the number of parameters."""
    names = dict.fromkeys(name for row in comparison.rows for name in row.static_metrics)

    def column(name: str) -> Column:
        metric = comparison.describe(name)
        return Column(
            name,
            lambda row: row.static_metrics.get(name),
            title=" ".join(filter(None, [name, metric.unit])),
            text=lambda value: metric_text(metric, value),
            align="right",
            priority=priority,
        )

    return [column(name) for name in names]


def shown(comparison: Comparison, summary: MetricSummary) -> float | None:
    """Return the statistic of a metric that people are shown."""
    return summary.best if comparison.best_of_each else summary.at_best


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Return dotted paths by as few of their last parts as are unique; `loss.type` is `loss`."""
    parts = {path: path.removesuffix(".type").split(".") for path in paths}
    names = {path: part[-1] for path, part in parts.items()}
    for depth in (2, 3, 4):
        counts = Counter(names.values())
        names = {
            path: ".".join(parts[path][-depth:]) if counts[name] > 1 else name
            for path, name in names.items()
        }
    counts = Counter(names.values())
    return {path: path if counts[name] > 1 else name for path, name in names.items()}
