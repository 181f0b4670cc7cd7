"""What is read of a study's metrics: as it stored them, or as its objective says."""

from pathlib import Path

import pytest

from tests.tuner.analysis.small_study import PSNR, SmallStudy
from tuner.analysis.snapshot import open_snapshot
from tuner.objectives import get_objective
from tuner.objectives.described import described
from tuner.objectives.metric import Metric

EARLIER = Path(__file__).parents[2] / "data" / "earlier_version"


def test_as_it_was_stored() -> None:
    stored = Metric("cruelty", "minimize", "x", decimals=1)
    info = {"metrics": ["cruelty"], "directions": ["minimize"]}
    assert described({**info, "metrics_described": [stored.to_info()]}) == {"cruelty": stored}


def test_the_directions_of_the_study_go_before_those_of_the_description() -> None:
    info = {"metrics": ["a", "b"], "directions": ["minimize", "maximize"]}
    found = described({**info, "metrics_described": [Metric("a", "maximize", "dB").to_info()]})
    assert found == {"a": Metric("a", "minimize", "dB"), "b": Metric("b", "maximize")}


@pytest.mark.parametrize(
    ("study", "objective"),
    [("trained", "super_resolution"), ("surrogate", "surrogate"), ("interrupted", "analytic")],
)
def test_a_study_of_version_0_1_0_is_described_by_its_objective(study: str, objective: str) -> None:
    snapshot = open_snapshot(EARLIER / study)
    assert "metrics_described" not in snapshot.info
    known = {metric.name: metric for metric in get_objective(objective).metrics}
    assert list(snapshot.described) == list(known)
    for name, metric in snapshot.described.items():
        assert (metric.direction, metric.unit) == (known[name].direction, known[name].unit)


def test_the_measured_baseline_is_filled_in(tmp_path: Path) -> None:
    from tuner.analysis.snapshot import read_snapshot

    snapshot = read_snapshot(SmallStudy(tmp_path / "s").records)
    assert snapshot.describe(PSNR).baseline == 26.0
    assert snapshot.describe("validation/loss").baseline is None
    assert snapshot.describe("unheard of") == Metric("unheard of")


def test_a_study_that_says_nothing() -> None:
    assert described({}) == {}
    assert described({"file": "study: a\nobjective: {type: elsewhere:train}\n"}) == {}
