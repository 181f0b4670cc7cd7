import math

from hypothesis import given
from hypothesis import strategies as st

from tuner.analysis.metrics import MetricSummary, summarize
from tuner.objectives.metric import Metric

MORE, LESS = Metric("a", "maximize"), Metric("a", "minimize")


def test_best_and_last_by_direction() -> None:
    curve = [(1, 3.0), (2, 1.0), (4, 2.0)]
    assert summarize(curve, LESS) == MetricSummary(1.0, 2.0, 2, None, 1.0, 3.0)
    assert summarize(curve, MORE) == MetricSummary(3.0, 2.0, 1, None, 1.0, 3.0)


def test_a_metric_without_a_direction_has_no_best() -> None:
    found = summarize([(1, 3.0), (2, 1.0)], Metric("temperature"), at=1)
    assert found == MetricSummary(None, 1.0, None, 3.0, 1.0, 3.0)


def test_the_value_at_the_best_epoch_of_another_metric() -> None:
    curve = [(1, 3.0), (2, math.nan), (4, 2.0)]
    assert summarize(curve, LESS, at=1).at_best == 3.0
    assert summarize(curve, LESS, at=2).at_best is None
    assert summarize(curve, LESS, at=3).at_best is None


def test_the_first_of_equal_epochs_is_the_best() -> None:
    assert summarize([(1, 2.0), (2, 2.0)], MORE).best_epoch == 1


def test_what_is_not_finite_is_never_best_and_has_no_last() -> None:
    curve = [(1, 2.0), (2, math.inf), (3, math.nan)]
    assert summarize(curve, MORE) == MetricSummary(2.0, None, 1, None, 2.0, 2.0)
    assert summarize([(1, math.nan)], LESS) == MetricSummary()
    assert summarize([], LESS) == MetricSummary()


numbers = st.one_of(st.floats(), st.integers(-5, 5))


@given(st.lists(numbers, max_size=8), st.booleans())
def test_best_is_no_worse_than_any_other_and_is_where_it_says(
    values: list[float], minimize: bool
) -> None:
    found = summarize(list(enumerate(values, 1)), LESS if minimize else MORE)
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        assert found == MetricSummary()
        return
    assert found.best is not None
    assert found.best_epoch is not None
    assert values[found.best_epoch - 1] == found.best
    assert all(found.best <= value if minimize else found.best >= value for value in finite)
