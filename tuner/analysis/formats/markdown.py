"""A comparison as a Markdown table (GitHub's dialect)."""

import re

from tuner.analysis.cells import Cell, cell, notes
from tuner.analysis.comparison import Comparison
from tuner.analysis.tables import shown_columns

_SPECIAL = re.compile(r"[\\`*|<>\[\]&#~$]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that have a meaning in Markdown; an underscore inside a word has none."""
_NUMBERS = re.compile(r"\[[-+.,\de ]*\]")
"""A list of numbers, which is not a link because no round brackets follow it."""


def markdown(comparison: Comparison) -> str:
    """Return the table, with a row for each trial; settings that differ from the reference are
    bold."""
    columns = shown_columns(comparison)
    rows = [
        "".join(f"| {_text(cell(comparison, column, line))} " for column in columns) + "|"
        for line in comparison.shown()
    ]
    head = "".join(f"| {escape(column.heading)} " for column in columns) + "|"
    rule = "".join("|---:" if column.align == "right" else "|---" for column in columns) + "|"
    legend = [line for note in notes(comparison, columns, "bold") for line in ("", escape(note))]
    return "\n".join([head, rule, *rows, *legend, ""])


def escape(text: str) -> str:
    """Return text that Markdown shows unchanged."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _text(shown: Cell) -> str:
    text = shown.text if _NUMBERS.fullmatch(shown.text) else escape(shown.text)
    if shown.changed:
        return f"**{text}**"
    return text if shown.difference is None else f"{text} ({shown.difference})"
