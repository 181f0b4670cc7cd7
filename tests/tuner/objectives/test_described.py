"""What is read of a study's metrics: as it stored them, or as its objective says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

import tuner
from tests.tuner.analysis.small_study import PSNR, SmallStudy
from tuner.analysis.snapshot import open_snapshot
from tuner.objectives import get_objective
from tuner.objectives.described import baseline_values, described
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.loading import own_objective
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


class Counting(tuner.Objective):
    """A class that measures what its trials are compared with."""

    config_type = tuner.Config
    metrics = (
        tuner.Metric("accuracy", "maximize", baseline_label="majority"),
        tuner.Metric("loss", "minimize", baseline=2.3, baseline_label="chance"),
    )
    measured: ClassVar[Any] = {"accuracy": 0.1}

    def prepare(self, *_: Any) -> dict[str, Any]:
        return {"fingerprint": "x", "baseline_majority": self.measured, "baseline_other": {"a": 1}}

    def train(self, config: Any, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        yield {"accuracy": 1.0}


def test_a_baseline_that_somebodys_own_class_measures(tmp_path: Path) -> None:
    objective = own_objective(Counting)
    info = objective.prepare(tuner.Config(), tmp_path, lambda *_: None)
    assert info["data"]["fingerprint"] == "x"
    info["metrics_described"] = [metric.to_info() for metric in objective.metrics]
    assert described(info)["accuracy"].baseline == 0.1
    assert baseline_values(info, described(info)) == {
        "majority": {"accuracy": 0.1},
        "chance": {"loss": 2.3},
    }


def test_a_measured_baseline_must_be_a_dictionary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counting, "measured", 0.1)
    with pytest.raises(ObjectiveError, match=r"baseline_majority = 0.1; it must be a dictionary"):
        own_objective(Counting).prepare(tuner.Config(), tmp_path, lambda *_: None)


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
