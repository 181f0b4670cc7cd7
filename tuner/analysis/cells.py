"""One cell of a comparison as people read it, with what sets it apart from the reference."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sr_models.plain_text import one_line
from tuner.analysis.columns import Column
from tuner.analysis.rows import BicubicRow, Row
from tuner.analysis.values import difference_text

if TYPE_CHECKING:
    from tuner.analysis.comparison import Comparison


@dataclass(frozen=True)
class Cell:
    """Text in one line. `difference` is signed and there for metrics; `better` judges it."""

    text: str
    changed: bool = False
    difference: str | None = None
    better: bool | None = None


def cell(comparison: "Comparison", column: Column, line: Row | BicubicRow) -> Cell:
    """What a column shows for a row."""
    text = column.text(column.value(line))
    if column.key == "trial" and comparison.reference is line:
        return Cell(f"{text} (ref)")
    if line.changes is None:
        return Cell(text)
    found = line.changes.metrics.get(column.metric or "")
    if column.metric is not None and found is not None:
        return Cell(text, False, difference_text(column.metric, found.value), found.better)
    return Cell(text, changed=column.param in line.changes.params)


def explanation(comparison: "Comparison", mark: str) -> str | None:
    """How to read the marks, `mark` that of a changed setting; None without a reference."""
    if comparison.reference is None:
        return None
    name = one_line(comparison.reference.trial)
    return f"in brackets the difference from {name}; {mark} a setting that differs from its"
