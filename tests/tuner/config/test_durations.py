"""Durations, in text and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.config import (
    format_duration,
    parse_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("90", 90),
        (90, 90),
        ("45s", 45),
        ("2d", 172_800),
        ("0.5h", 1800),
        (0.25, 0.25),
    ],
)
def test_durations(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "1h30", "30x", "-5m", "1m1h", True, None, [1]])
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        parse_duration(text)


@given(st.integers(0, 10**7) | st.floats(1e-9, 1e7))
def test_durations_are_written_so_that_they_are_read_back(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)
