"""A study as a notebook shows it: a line, and a table of its best trials."""

from html import escape
from typing import TYPE_CHECKING

from tuner.analysis.values import metric_text, setting_text

if TYPE_CHECKING:
    from tuner.analysis.comparison import Comparison
    from tuner.records.status import StudyStatus

SHOWN = 20
"""Number of trials in the table."""


def headline(comparison: "Comparison", status: "StudyStatus") -> str:
    """Return a study's name, its state, how many trials it has, and the best of them."""
    best = comparison.best()
    found = ""
    if best is not None:
        value = _value(comparison, best.best(comparison.metric))
        found = f"; best {best.trial}, {comparison.metric} {value}"
    count = len(comparison.rows)
    counted = f"{status}, {count} {'trial' if count == 1 else 'trials'}"
    return f"{comparison.studies[0].name}: {counted}{found}"


def html(comparison: "Comparison", status: "StudyStatus") -> str:
    """Return the headline and the table of a study."""
    import pandas as pd

    shown = comparison.rows[:SHOWN]
    params = list(dict.fromkeys(name for row in shown for name in row.given))
    names = ["trial", "state", *params, comparison.metric or "value", "epochs"]
    rows = [
        [
            row.trial,
            str(row.state),
            *(setting_text(row.given[p], null=True) if p in row.given else "" for p in params),
            _value(comparison, row.best(comparison.metric)),
            row.epochs,
        ]
        for row in shown
    ]
    if any(row.error for row in shown):
        names.append("error")
        rows = [[*cells, row.error or ""] for cells, row in zip(rows, shown, strict=True)]
    more = len(comparison.rows) - SHOWN
    table = pd.DataFrame(rows, columns=names).to_html(index=False)
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    return f"<p><b>{escape(headline(comparison, status))}</b></p>{table}{rest}"


def _value(comparison: "Comparison", value: float | None) -> str:
    metric = comparison.metric
    if value is None or metric is None:
        return ""
    return metric_text(comparison.describe(metric), value)
