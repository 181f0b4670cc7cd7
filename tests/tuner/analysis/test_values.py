from typing import Any

import pytest

from tuner.analysis.values import (
    difference_text,
    metric_text,
    seconds_text,
    setting_text,
    unit,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "true"),
        (3, "3"),
        (0.001, "0.001"),
        (0.00012346, "0.0001235"),
        (64.0, "64"),
        ([0.9, 0.95], "(0.9, 0.95)"),
        ([], "()"),
        ({"type": "é"}, '{"type": "é"}'),
        ("a\tb\n c", "a b c"),
        (float("inf"), "inf"),
        (10**400, str(10**400)),
    ],
)
def test_settings(value: Any, text: str) -> None:
    assert setting_text(value) == text


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("validation/psnr", 28.249, "28.25"),
        ("validation/psnr_mid", None, "-"),
        ("validation/gain", 1.5, "+1.50"),
        ("validation/gain", -0.25, "-0.25"),
        ("validation/ssim", 0.88, "0.8800"),
        ("validation/loss", 0.0213471, "0.021347"),
        ("parameters", 160256.0, "160256"),
    ],
)
def test_metrics(metric: str, value: float | None, text: str) -> None:
    assert metric_text(metric, value) == text


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("validation/psnr", 0.3, "+0.30"),
        ("validation/psnr", -0.3, "-0.30"),
        ("train/loss", -0.000012345, "-1.2e-05"),
        ("train/loss", 0.0, "="),
    ],
)
def test_differences_are_signed(metric: str, value: float, text: str) -> None:
    assert difference_text(metric, value) == text


def test_units() -> None:
    assert unit("validation/psnr_large") == "dB"
    assert unit("seconds") == "s"
    assert unit("validation/ssim") is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1m00s"), (3599.4, "59m59s"), (3600, "1h00m")],
)
def test_times(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
