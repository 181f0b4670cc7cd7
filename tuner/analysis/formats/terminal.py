"""A comparison as a table in a terminal, fitted to its width."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from tuner.analysis.cells import Cell, cell, notes
from tuner.analysis.columns import Column
from tuner.analysis.comparison import Comparison, Line
from tuner.analysis.importance import shares
from tuner.analysis.rows import BaselineRow
from tuner.analysis.tables import PARAMS, shown_columns
from tuner.analysis.values import MISSING
from tuner.records import TrialKind

_GAP = 2  # between columns
_WIDEST = 32  # column; longer names take several lines, longer settings end in an ellipsis
_LONG = 12  # heading; a longer heading is broken at its underscores
_NAMED = 4  # number of columns that are named if there is no room for them
_SMALL = 0.1  # a setting that explains less of the results is less important than their details
_AFTER = 6  # the priority of such a setting
_STATES = {"failed": "red", "interrupted": "yellow", "running": "cyan", "stopped": "dim"}


class ComparisonTable:
    """Prints all columns if they fit, else the most important columns, and names the others.

    Args:
        comparison: what is shown.
        most: show only so many trials from the top, and the baselines and the reference.
        settings_first: if there is not room for all, keep settings before all details of the
            results.
    """

    def __init__(
        self, comparison: Comparison, *, most: int | None = None, settings_first: bool = False
    ) -> None:
        self.comparison = comparison
        self.settings_first = settings_first
        self.lines = _chosen(comparison, most)
        self.hidden = len(comparison.shown()) - len(self.lines)
        cells = {
            column: [self._cell(column, line) for line in self.lines]
            for column in shown_columns(comparison, short=True)
        }
        self.columns = {
            column: shown
            for column, shown in cells.items()
            if column.priority == 0 or any(cell.text != MISSING for cell in shown)
        }
        """Without columns that are empty in all lines shown, such as the mean over seeds."""

    def _cell(self, column: Column, line: Line) -> Cell:
        """A cell; only metrics that are searched for show a difference, to save room."""
        shown = cell(self.comparison, column, line)
        goals = {name for study in self.comparison.studies for name in study.metrics}
        return shown if column.metric in goals else replace(shown, difference=None)

    @cached_property
    def shares(self) -> dict[str, float]:
        """How much each setting explains, which decides what is shown if there is little room."""
        return shares(self.comparison.studies)

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The settings that differ between the best trial and the reference; all settings if none
        do."""
        best = self.comparison.best()
        changes = None if best is None else best.changes
        return frozenset(self.comparison.params) if changes is None else changes.params

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = self._fitting(options.max_width)
        yield self._table(columns)
        for note in self._notes(columns):
            yield Text(note, style="dim")

    def _fitting(self, width: int) -> list[Column]:
        """All columns if they fit, else those that do, the most important first."""
        if self._wanted(list(self.columns)) <= width:
            return list(self.columns)
        kept: list[Column] = []
        for column in sorted(self.columns, key=self._rank):
            if self._wanted([*kept, column]) <= width or column.priority == 0:
                kept.append(column)
        return kept

    def _wanted(self, columns: Sequence[Column]) -> int:
        return sum(self._widths[column] + _GAP for column in columns) - _GAP

    @cached_property
    def _widths(self) -> dict[Column, int]:
        return {column: self._width(column) for column in self.columns}

    def _rank(self, column: Column) -> tuple[int, float]:
        """The sort key of a column: settings by what they explain, after details if that is little.

        Until there are enough trials to tell, settings count in which the best trial differs from
        the reference.
        """
        if column.param is None or column.priority != PARAMS:
            return column.priority, 0.0
        if (
            column.param.endswith("max_epochs") and not self.settings_first
        ):  # the column of epochs tells it: `3 of 6`
            return _AFTER, 0.0
        share = self.shares.get(column.param, 0.0)
        if self.settings_first:
            return PARAMS, -share
        matters = share >= _SMALL if self.shares else column.param in self._changed
        return PARAMS if matters else _AFTER, -share

    def _width(self, column: Column) -> int:
        widths = [cell_len(_plain(text)) for text in self.columns[column]]
        heading = [cell_len(line) for line in _heading(column).split("\n")]
        return max(min(_WIDEST, max(widths, default=0)), *heading)

    def _table(self, columns: Sequence[Column]) -> Table:
        table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(
                Text(_heading(column)),
                justify=column.align,
                vertical="bottom",
                no_wrap=column.priority > 0,
                overflow="ellipsis" if column.priority > 0 else "fold",
                max_width=_WIDEST,
            )
        for index, line in enumerate(self.lines):
            cells = [_styled(self.columns[column][index], column) for column in columns]
            table.add_row(*cells, style=self._style(line))
        return table

    def _style(self, line: Line) -> str:
        if line is self.comparison.best():
            return "bold"
        return "italic" if isinstance(line, BaselineRow) else ""

    def _notes(self, columns: Sequence[Column]) -> list[str]:
        left_out = _left_out([column.heading for column in self.columns if column not in columns])
        more = f"and {self.hidden} more {'trial' if self.hidden == 1 else 'trials'}"
        return [
            *([more] if self.hidden else []),
            *notes(self.comparison, list(columns), "*"),
            *([self._explained()] if left_out and self.shares else []),
            *([left_out] if left_out else []),
        ]

    def _explained(self) -> str:
        """Which settings matter, the order in which they are shown."""
        names = {column.param: column.heading for column in self.columns if column.param}
        found = (
            f"{names[path]} {share:.0%}"
            for path, share in self.shares.items()
            if share >= _SMALL and path in names
        )
        return f"what explains the differences: {', '.join(found)}"


def _chosen(comparison: Comparison, most: int | None) -> list[Line]:
    lines = list(comparison.shown())
    if most is None:
        return lines
    best = comparison.rows[:most]
    baselines = [row for row in comparison.rows if row.kind is TrialKind.BASELINE]
    kept = {id(row) for row in (*best, *baselines, *comparison.baselines, comparison.reference)}
    return [line for line in lines if id(line) in kept]


def _left_out(titles: Sequence[str]) -> str | None:
    if not titles:
        return None
    named, more = titles[:_NAMED], len(titles) - _NAMED
    columns = "column" if more == 1 else "columns"
    return f"no room for: {', '.join(named)}" + (f" and {more} more {columns}" if more > 0 else "")


def _heading(column: Column) -> str:
    """`validation/psnr max dB` on three lines: columns are as narrow as their values."""
    lines = re.sub("[/ ]", "\n", column.heading, count=2)
    return "\n".join(part for line in lines.split("\n") for part in _broken(line))


def _broken(name: str) -> list[str]:
    """A long name, broken at its underscores."""
    first, *rest = name.split("_") if len(name) > _LONG else [name]
    lines = [first]
    for word in rest:
        if lines[-1] and len(lines[-1]) + 1 + len(word) <= _LONG:
            lines[-1] += f"_{word}"
        else:
            lines.append(word)
    return lines


def _plain(shown: Cell) -> str:
    mark = "*" if shown.changed else ""
    return shown.text + mark + (f" ({shown.difference})" if shown.difference else "")


def _styled(shown: Cell, column: Column) -> Text:
    text = Text(shown.text)
    if column.key == "state":
        text.stylize(_STATES.get(shown.text, ""))
    if shown.changed:
        text = Text(f"{shown.text}*", style="yellow")
    if shown.difference:
        style = "" if shown.better is None else "green" if shown.better else "red"
        text.append(f" ({shown.difference})", style=style)
    return text
