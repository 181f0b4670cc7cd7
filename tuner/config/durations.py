"""Durations as people write them: `45s`, `30m`, `1h30m`, `2d`, or a number of seconds."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_NUMBER = r"(\d+(?:\.\d+)?(?:e-?\d+)?)"
_PARTS = re.compile(r"\s*".join(rf"(?:{_NUMBER}\s*{unit})?" for unit in _UNITS))

LONGEST = 36_500 * 86_400
"""A hundred years in seconds; clocks and calendars cannot represent much longer durations."""


def parse_duration(value: Any) -> float:
    """Return the seconds of a number, or of text such as `1h30m`.

    Raises:
        ValueError: it is neither, or longer than `LONGEST`.
    """
    seconds = _seconds(value)
    if seconds > LONGEST:
        raise ValueError(f"must be at most {format_duration(LONGEST)}")
    return float(seconds)


def _seconds(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    if re.fullmatch(_NUMBER, text):
        return float(text)
    match = _PARTS.fullmatch(text)
    if not text or match is None:
        raise ValueError("must be a duration such as 45s, 30m, 1h30m, or a number of seconds")
    parts = zip(match.groups(), _UNITS.values(), strict=True)
    return sum(float(number) * unit for number, unit in parts if number)


def format_duration(seconds: float) -> str:
    """Return a duration as people write it: `1h30m`, `45s`, `0.5s`."""
    text, rest = "", seconds
    for letter, unit in _UNITS.items():
        number, rest = divmod(rest, unit) if letter != "s" else (rest, 0)
        text += f"{number:.10g}{letter}" if number else ""
    return text or "0s"


Duration = Annotated[float, BeforeValidator(parse_duration), Field(gt=0)]
"""Seconds, given as `30m`, `1h30m`, `45s` or a number."""
