"""Numbers as texts show them, and whether a number is one of those that are known."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

NUMBER = re.compile(r"[+−-]?\d+(?:\.\d+)?(?:e[+−-]?\d+)?")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
DURATION = re.compile(r"(\d+)([hm])(\d\d)[ms]\b")
SIZES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
SIZED = re.compile(r"([+−-]?\d+(?:\.\d+)?)([kMGT])\b")


class Shown(NamedTuple):
    """A number in a text, and the size of its last digit."""

    text: str
    value: float
    unit: float


def numbers_in(value: Any) -> Iterator[float]:
    """All numbers of JSON, those in texts as well."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        yield from (one.value for one in shown_in(value))
    else:
        for one in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from numbers_in(one)


@cache
def shown_in(text: str) -> tuple[Shown, ...]:
    """The numbers of a text: lengths of time in seconds, `250k` as 250,000, moments left out."""
    return tuple(_shown_in(text))


def _shown_in(text: str) -> Iterator[Shown]:
    text = MOMENT.sub(" ", text)
    for found in DURATION.finditer(text):
        big, small = (3600, 60) if found[2] == "h" else (60, 1)
        yield Shown(found[0], int(found[1]) * big + int(found[3]) * small, small)
    text = DURATION.sub(" ", text)
    for found in SIZED.finditer(text):
        value, unit = _plain(found[1])
        yield Shown(found[0], value * SIZES[found[2]], unit * SIZES[found[2]])
    text = SIZED.sub(" ", text).replace(",", "")  # of thousands
    for number in NUMBER.findall(text):
        yield Shown(number, *_plain(number))


def _plain(text: str) -> tuple[float, float]:
    plain = text.replace("−", "-").removeprefix("+")
    digits = len(plain.partition("e")[0].partition(".")[2])
    return float(plain), 10.0 ** (int(plain.partition("e")[2] or 0) - digits)


def is_one_of(shown: Shown, numbers: Collection[float]) -> bool:
    """Whether it is one of these numbers, rounded to as many digits as it has."""
    half = shown.unit * 0.5000001
    return any(abs(abs(one) - abs(shown.value)) <= half for one in numbers)


def moments(times: Collection[float]) -> set[str]:
    """How the page writes these times (Unix seconds)."""
    return {f"{datetime.fromtimestamp(one):%Y-%m-%d %H:%M}" for one in times}
