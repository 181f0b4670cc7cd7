"""The description of a metric: what it holds, and that it survives being stored."""

import json

import pytest

from tuner.objectives import OBJECTIVES, get_objective
from tuner.objectives.metric import Metric, Scale, by_name, static_names


def test_a_name_and_a_direction_are_enough() -> None:
    metric = Metric("validation/accuracy", "maximize")
    assert not metric.minimized
    assert metric.to_info() == {"name": "validation/accuracy", "direction": "maximize"}
    assert Metric("cruelty", "minimize").minimized
    assert not Metric("temperature").minimized


def test_all_that_is_said_survives_being_stored() -> None:
    metric = Metric(
        "validation/psnr",
        "maximize",
        "dB",
        "PSNR",
        decimals=2,
        signed=True,
        static=True,
        baseline=21.5,
        baseline_label="bicubic",
        over="validation/loss",
        mean_over=("mid", "large"),
        comparable_if_equal=("loss",),
        scale=Scale("report_scale", "report's scale", 10, True, 3),
    )
    stored = json.loads(json.dumps(metric.to_info()))
    assert Metric.from_info(stored) == metric
    assert Metric.from_info({**stored, "said_by_a_later_version": 1}) == metric


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_describes_metrics_that_can_be_stored(name: str) -> None:
    metrics = get_objective(name).metrics
    assert len(by_name(metrics)) == len(metrics)
    assert metrics[0].direction is not None
    for metric in metrics:
        assert Metric.from_info(json.loads(json.dumps(metric.to_info()))) == metric


def test_static_metrics_are_told_apart() -> None:
    assert static_names((Metric("a"), Metric("b", static=True))) == ("b",)


@pytest.mark.parametrize(
    ("name", "direction", "says"),
    [("", "maximize", "needs a name"), ("a", "up", "maximize, minimize or None, got 'up'")],
)
def test_nonsense_is_refused(name: str, direction: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Metric(name, direction)  # type: ignore[arg-type]
