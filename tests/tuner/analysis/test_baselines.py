import pytest

from tuner.analysis.baselines import (
    gain_of,
    over_parts,
    part_choices,
    parts_of,
    rescaled,
)
from tuner.objectives.described import baseline_values
from tuner.objectives.metric import Metric, Scale, by_name
from tuner.objectives.super_resolution import METRICS

DESCRIBED = by_name(METRICS)
PSNR = DESCRIBED["validation/psnr"]
BASELINE = {
    "validation/psnr": 26.0,
    "validation/psnr_mid": 28.0,
    "validation/psnr_large": 24.0,
    "validation/ssim": 0.8,
    "validation/gain": 0.0,
}


def test_the_reports_best_is_22_2_dB_per_output() -> None:  # noqa: N802  # the unit's own case
    assert rescaled(PSNR, 22.16785, 2) == pytest.approx(4.43357)


def test_one_part_counts_once() -> None:
    assert rescaled(PSNR, 21.3, 1) == pytest.approx(2.13)


def test_no_other_scale_without_a_value_parts_or_a_scale() -> None:
    assert rescaled(PSNR, None, 2) is None
    assert rescaled(PSNR, 20.0, 0) is None
    assert rescaled(DESCRIBED["validation/ssim"], 0.8, 2) is None
    assert rescaled(Metric("a", scale=Scale("b", "b", divisor=4)), 2.0, 0) == 0.5


def test_parts_are_those_that_were_measured() -> None:
    assert parts_of(DESCRIBED, ["validation/psnr", "validation/psnr_mid"]) == ("mid",)
    assert parts_of(DESCRIBED, ["validation/psnr_large", "validation/psnr_mid"]) == ("mid", "large")
    assert parts_of(DESCRIBED, ["validation/psnr"]) == ()


def test_the_baseline_is_taken_over_the_parts_that_are_compared() -> None:
    found = over_parts(BASELINE, ["mid"], DESCRIBED)
    assert found["validation/psnr"] == 28.0
    assert "validation/psnr_large" not in found
    assert found["validation/gain"] == 0.0
    assert over_parts(BASELINE, ["mid", "large"], DESCRIBED) == BASELINE
    assert over_parts(BASELINE, [], DESCRIBED) == BASELINE


def test_all_combinations_of_few_parts() -> None:
    assert list(part_choices(DESCRIBED)) == [(), ("mid",), ("large",), ("mid", "large")]
    many = by_name([Metric("a", mean_over=tuple("abcdefgh"))])
    assert len(list(part_choices(many))) == 1 + 8 + 1


def test_a_baseline_may_be_measured_or_declared() -> None:
    declared = by_name([Metric("accuracy", "maximize", baseline=0.9, baseline_label="published")])
    assert baseline_values({}, declared) == {"published": {"accuracy": 0.9}}
    measured = {"baseline_published": {"accuracy": 0.8, "f1": 0.7, "broken": float("nan")}}
    assert baseline_values(measured, declared) == {"published": {"accuracy": 0.8, "f1": 0.7}}
    assert baseline_values({"baseline_bicubic": BASELINE}, declared) == {
        "published": {"accuracy": 0.9}
    }


def test_the_gain_is_the_objectives_own_metric_where_there_is_one() -> None:
    gain = gain_of(DESCRIBED, "validation/ssim")
    assert gain is not None
    assert (gain.of, gain.shown.name, gain.recorded) == (PSNR, "validation/gain", True)


def test_else_the_gain_is_over_the_goals_baseline_or_the_first() -> None:
    first = Metric("a", "minimize", "s", baseline=2.0, baseline_label="theirs")
    second = Metric("b", "maximize", baseline=1.0)
    described = by_name([first, second])
    assert gain_of(described, "b").of is second  # type: ignore[union-attr]
    gain = gain_of(described, "c")
    assert gain is not None
    assert (gain.of, gain.shown.unit) == (first, "s")
    assert gain_of(by_name([Metric("a")]), "a") is None


def test_a_gain_is_called_so_where_more_is_better_alone() -> None:
    """What is below the baseline is negative, and so no gain, where less is better."""
    for way, heading, label in (
        ("maximize", "gain", "gain over theirs"),
        ("minimize", "difference", "difference from theirs"),
    ):
        gain = gain_of(by_name([Metric("a", way, baseline=2.0, baseline_label="theirs")]), "a")
        assert gain is not None
        assert (gain.heading, gain.shown.label, gain.shown.name) == (heading, label, "gain")
