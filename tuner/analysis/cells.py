"""A cell of a table as people read it, and notes on how to read the table."""

from dataclasses import dataclass

from sr_models.plain_text import one_line
from tuner.analysis.columns import Column
from tuner.analysis.comparison import Comparison, Line, is_on_front
from tuner.analysis.rows import Row
from tuner.analysis.values import difference_text, setting_text

ON_FRONT = "◆"
"""Marks a trial that no other dominates, in a study with several metrics."""


@dataclass(frozen=True)
class Cell:
    """Text on a single line. `difference` is signed and given for metrics; `better` judges it."""

    text: str
    changed: bool = False
    difference: str | None = None
    better: bool | None = None


def cell(comparison: Comparison, column: Column, line: Line) -> Cell:
    """Return the cell of a column and a row, with its difference from the reference."""
    null = isinstance(line, Row) and column.param in line.nulls
    text = setting_text(None, null=True) if null else column.text(column.value(line))
    if column.key == "trial":
        marks = [f" {ON_FRONT}"] if is_on_front(comparison, line) else []
        return Cell("".join([text, *marks, " (ref)" if comparison.reference is line else ""]))
    if line.changes is None:
        return Cell(text)
    changes = line.changes.best if comparison.best_of_each else line.changes.at_best
    found = changes.get(column.metric or "")
    if column.metric is not None and found is not None:
        metric = comparison.describe(column.metric)
        return Cell(text, False, difference_text(metric, found.value), found.better)
    return Cell(text, changed=column.param in line.changes.params)


def notes(comparison: Comparison, columns: list[Column], mark: str) -> list[str]:
    """Return how to read the table: which epoch its values are from, and its marks.

    Args:
        comparison: what is shown.
        columns: the columns that are shown.
        mark: the mark of a setting that differs from the reference's.
    """
    goals = dict.fromkeys(study.metric for study in comparison.studies if study.metric)
    found = []
    if any(column.metric not in (None, *goals) for column in columns):
        best = " or ".join(map(one_line, goals)) or "the metric"
        found.append(
            "the best value of each metric, whatever its epoch"
            if comparison.best_of_each
            else f"all values at each trial's best epoch of {best}"
        )
    if any(comparison.fronts.values()):
        found.append(f"{ON_FRONT} no other trial is better in both metrics")
    if comparison.reference is not None:
        name = one_line(comparison.reference.trial)
        found.append(
            f"in brackets the difference from {name}; {mark} where a setting differs from it"
        )
    return found
