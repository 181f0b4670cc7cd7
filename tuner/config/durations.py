"""Durations as people write them: `45s`, `30m`, `1h30m`, `2d`, or a number of seconds."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PATTERN = re.compile(r"(?:(\d+(?:\.\d+)?)\s*d)?\s*(?:(\d+(?:\.\d+)?)\s*h)?"
                      r"\s*(?:(\d+(?:\.\d+)?)\s*m)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?")  # fmt: skip


def parse_duration(value: Any) -> float:
    """Seconds from a number, or from text such as `1h30m`.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _PATTERN.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        raise ValueError("must be a duration such as 45s, 30m, 1h30m, or a number of seconds")
    parts = zip(match.groups(), _UNITS.values(), strict=True)
    return sum(float(number) * unit for number, unit in parts if number)


def format_duration(seconds: float) -> str:
    """A duration that `parse_duration` reads back exactly: `1h30m`, `45s`, `0.5s`."""
    text, rest = "", seconds
    for letter, unit in _UNITS.items():
        number = int(rest // unit)
        if letter != "s" and number and seconds == int(seconds):
            text, rest = f"{text}{number}{letter}", rest - number * unit
    return f"{text}{rest:g}s" if rest or not text else text


Duration = Annotated[float, BeforeValidator(parse_duration), Field(gt=0)]
"""Seconds, given as `30m`, `1h30m`, `45s` or a number."""
