import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.analysis.metrics import MetricSummary, minimized, summarize


@pytest.mark.parametrize(
    "metric",
    ["train/loss", "validation/loss", "seconds", "parameters", "validation/ms_per_image", "regret"],
)
def test_less_is_better(metric: str) -> None:
    assert minimized(metric)


@pytest.mark.parametrize(
    "metric", ["validation/psnr", "validation/ssim", "validation/gain", "accuracy", "lossless"]
)
def test_more_is_better(metric: str) -> None:
    assert not minimized(metric)


def test_the_study_decides_which_way_is_better() -> None:
    assert minimized("validation/psnr", {"validation/psnr": "minimize"})
    assert not minimized("train/loss", {"train/loss": "maximize"})


def test_best_and_last_by_direction() -> None:
    curve = [(1, 3.0), (2, 1.0), (4, 2.0)]
    assert summarize(curve, minimize=True) == MetricSummary(1.0, 2.0, 2)
    assert summarize(curve, minimize=False) == MetricSummary(3.0, 2.0, 1)


def test_the_first_of_equal_epochs_is_the_best() -> None:
    assert summarize([(1, 2.0), (2, 2.0)], minimize=False).best_epoch == 1


def test_what_is_not_finite_is_never_best_and_has_no_last() -> None:
    curve = [(1, 2.0), (2, math.inf), (3, math.nan)]
    assert summarize(curve, minimize=False) == MetricSummary(2.0, None, 1)
    assert summarize([(1, math.nan)], minimize=True) == MetricSummary()
    assert summarize([], minimize=True) == MetricSummary()


numbers = st.one_of(st.floats(), st.integers(-5, 5))


@given(st.lists(numbers, max_size=8), st.booleans())
def test_best_is_no_worse_than_any_other_and_is_where_it_says(
    values: list[float], minimize: bool
) -> None:
    found = summarize(list(enumerate(values, 1)), minimize=minimize)
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        assert found == MetricSummary()
        return
    assert found.best is not None
    assert found.best_epoch is not None
    assert values[found.best_epoch - 1] == found.best
    assert all(found.best <= value if minimize else found.best >= value for value in finite)
