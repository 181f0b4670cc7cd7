"""A comparison as CSV, with all plain values."""

import csv
import io
import json
import re
from typing import Any

from tuner.analysis.comparison import Comparison
from tuner.analysis.tables import plain_columns

_FORMULA = re.compile(r"^[\s]*[=+\-@\t\r\n]|^[\t\r\n]")


def spreadsheet(comparison: Comparison) -> str:
    """Return CSV with a heading and a row for each trial and baseline.

    Numbers are exact, lists and sections are JSON, missing values are empty. Text that a
    spreadsheet would run as a formula starts with an apostrophe.
    """
    columns = plain_columns(comparison)
    head = _row([_harmless(column.key) for column in columns])
    rows = [_row([_plain(column.value(line)) for column in columns]) for line in comparison.lines()]
    return "".join([head, *rows])


def _row(values: list[Any]) -> str:
    text = io.StringIO()
    # Python quotes only characters of the line terminator: both \r and \n have to be quoted.
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        return _harmless(value)
    return _harmless(json.dumps(value, ensure_ascii=False))


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
