import pytest

from tuner.analysis.report_scale import bicubic_for, report_scale, trial_outputs

BASELINE = {
    "validation/psnr": 26.0,
    "validation/psnr_mid": 28.0,
    "validation/psnr_large": 24.0,
    "validation/ssim": 0.8,
    "validation/gain": 0.0,
}


def test_the_reports_best_is_22_2_dB_per_output() -> None:  # noqa: N802  # the unit's own case
    assert report_scale(22.16785, 2) == pytest.approx(4.43357)


def test_one_output_counts_once() -> None:
    assert report_scale(21.3, 1) == pytest.approx(2.13)


def test_no_scale_without_a_value_or_outputs() -> None:
    assert report_scale(None, 2) is None
    assert report_scale(20.0, 0) is None


def test_outputs_are_those_scored_else_those_configured() -> None:
    config = {"network": {"outputs": ["mid", "large"]}}
    assert trial_outputs(["validation/psnr", "validation/psnr_mid"], config) == ("mid",)
    assert trial_outputs(["validation/psnr"], config) == ("mid", "large")
    assert trial_outputs([], {"network": {"outputs": ("large",)}}) == ("large",)
    assert trial_outputs([], {}) == ()


def test_bicubic_is_taken_over_the_outputs_that_are_compared() -> None:
    found = bicubic_for(BASELINE, ["mid"])
    assert found["validation/psnr"] == 28.0
    assert "validation/psnr_large" not in found
    assert found["validation/gain"] == 0.0
    assert bicubic_for(BASELINE, ["mid", "large"]) == BASELINE
    assert bicubic_for(BASELINE, []) == BASELINE
