import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.analysis.values import (
    difference_text,
    fixed,
    mean_text,
    metric_text,
    number_text,
    seconds_text,
    setting_text,
    unit_text,
)
from tuner.objectives.metric import Metric


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "true"),
        (3, "3"),
        (0.001, "0.001"),
        (0.00012346, "0.00012346"),
        (64.0, "64"),
        ([0.9, 0.95], "[0.9, 0.95]"),
        ([], "[]"),
        ({"type": "é"}, '{"type": "é"}'),
        ("", '""'),
        ("a\tb\n c", "a b c"),
        (float("inf"), "inf"),
        (10**400, str(10**400)),
    ],
)
def test_settings(value: Any, text: str) -> None:
    assert setting_text(value) == text


CASES = json.loads(
    (Path(__file__).parents[1] / "page" / "number_cases.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("value", "text"), CASES["settings"])
def test_settings_as_the_page_writes_them(value: Any, text: str) -> None:
    assert setting_text(value) == text


@pytest.mark.parametrize("case", CASES["metrics"], ids=str)
def test_metrics(case: dict[str, Any]) -> None:
    metric = Metric.from_info({"name": "m", **case["metric"]})
    assert metric_text(metric, case["value"]) == case["text"]


@pytest.mark.parametrize("case", CASES["differences"], ids=str)
def test_differences_are_signed(case: dict[str, Any]) -> None:
    metric = Metric.from_info({"name": "m", **case["metric"]})
    assert difference_text(metric, case["value"]) == case["text"]


@pytest.mark.parametrize("case", CASES["means"], ids=str)
def test_means_over_seeds(case: dict[str, Any]) -> None:
    metric = Metric.from_info({"name": "m", **case["metric"]})
    assert mean_text(metric, case["mean"], case["deviation"]) == case["text"]


@pytest.mark.parametrize(("value", "digits", "text"), CASES["numbers"])
def test_numbers(value: float, digits: int, text: str) -> None:
    assert number_text(value, digits) == text


@pytest.mark.parametrize(("seconds", "text"), CASES["seconds"])
def test_times(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_units() -> None:
    assert unit_text(Metric("a", unit="dB", decimals=2), 28.4123) == "28.41 dB"
    assert unit_text(Metric("a"), 0.5) == "0.5"


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_a_number_is_rounded_once_to_the_nearest(value: float, decimals: int) -> None:
    error = abs(Decimal(fixed(value, decimals)) - Decimal(value))
    assert error <= Decimal(5).scaleb(-decimals - 1)
