"""The columns of a comparison: what they are called and what they hold."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tuner.analysis.rows import BicubicRow, Row
from tuner.analysis.values import MISSING, metric_text, number_text, setting_text

if TYPE_CHECKING:
    from tuner.analysis.comparison import Comparison

BICUBIC = "bicubic"
"""What the row of plain bicubic upscaling is called."""


def _nothing(_: BicubicRow) -> Any:
    return None


@dataclass(frozen=True)
class Column:
    """One column: `value` gives plain data, `text` shows it to people.

    `priority` 0 is always shown; where space is short the highest go first. A `param` or a
    `metric` is named so that what changed against a reference can be marked.
    """

    key: str
    of_trial: Callable[[Row], Any]
    of_bicubic: Callable[[BicubicRow], Any] = _nothing
    title: str = ""
    text: Callable[[Any], str] = setting_text
    align: Literal["left", "right"] = "left"
    priority: int = 0
    param: str | None = None
    metric: str | None = None

    def value(self, line: Row | BicubicRow) -> Any:
        """The plain value of a row, None where it has none."""
        return self.of_trial(line) if isinstance(line, Row) else self.of_bicubic(line)


def study_columns(comparison: "Comparison") -> list[Column]:
    """Which study a row belongs to, where there are several."""
    column = Column("study", lambda row: row.study, lambda row: row.study)
    return [column] if len(comparison.studies) > 1 else []


def trial_column() -> Column:
    """The trial's name."""
    return Column("trial", lambda row: row.trial, lambda _: BICUBIC)


def param_column(path: str, *, key: str = "", title: str = "", priority: int = 0) -> Column:
    """What the trials were set to at a dotted path."""
    return Column(
        key or path, lambda row: row.params[path], title=title, priority=priority, param=path
    )


def best_column(metric: str, *, title: str, priority: int = 0) -> Column:
    """The best value of a metric."""
    return Column(
        f"{metric} best",
        lambda row: row.best(metric),
        lambda row: row.metrics.get(metric),
        title=title,
        text=lambda value: metric_text(metric, value),
        align="right",
        priority=priority,
        metric=metric,
    )


def gain_column(priority: int = 0) -> Column:
    """What a trial gains over bicubic upscaling to the same outputs, in dB."""
    return Column(
        "gain",
        lambda row: row.gain,
        lambda row: 0.0 if "validation/psnr" in row.metrics else None,
        title="gain dB",
        text=lambda value: metric_text("validation/gain", value),
        align="right",
        priority=priority,
    )


def scale_column(metric: str, *, title: str = "", priority: int = 0) -> Column:
    """The best PSNR as the report would print it."""
    return Column(
        f"report_scale {metric}",
        lambda row: row.report_scale.get(metric),
        lambda row: row.report_scale.get(metric),
        title=title,
        text=lambda value: MISSING if value is None else f"{value:.3f}",
        align="right",
        priority=priority,
    )


def reported_column(metric: str, *, priority: int = 0) -> Column:
    """What the report printed for a baseline."""
    return Column(
        f"reported {metric}",
        lambda row: row.reported.get(metric),
        title=f"{metric} reported",
        text=lambda value: MISSING if value is None else f"{value:.6g}",
        align="right",
        priority=priority,
    )


def fact_columns(comparison: "Comparison", priority: int = 0) -> list[Column]:
    """What is known of the trials without training: their number of parameters, say."""
    names = dict.fromkeys(name for row in comparison.rows for name in row.static_metrics)

    def column(name: str) -> Column:
        return Column(
            name,
            lambda row: row.static_metrics.get(name),
            title=name,
            text=lambda value: MISSING if value is None else number_text(value),
            align="right",
            priority=priority,
        )

    return [column(name) for name in names]


def reported_metrics(comparison: "Comparison") -> list[str]:
    """The metrics of which the report printed a figure for any trial."""
    return sorted({name for row in comparison.rows for name in row.reported})


def scaled_metrics(comparison: "Comparison") -> list[str]:
    """The metrics that can be given on the report's scale."""
    lines = comparison.lines()
    return sorted({name for line in lines for name in line.report_scale})


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Dotted paths by as few of their last parts as are clear; `loss.type` is called `loss`."""
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
