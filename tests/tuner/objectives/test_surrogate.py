from pathlib import Path

import pytest
from pydantic import ValidationError

from sr_models.errors import DataError, UserError
from tuner.objectives import get_objective
from tuner.objectives.protocol import TrialContext
from tuner.objectives.surrogate import ENVIRONMENT, MAX_EPOCHS, TASKS, SurrogateConfig, curve

GOOD = {"learning_rate": 0.01, "momentum": 0.9, "weight_decay": 1e-4, "max_dropout": 0.2}


@pytest.fixture
def config(shared_data: Path) -> SurrogateConfig:
    pytest.importorskip("onnxruntime")
    return SurrogateConfig(task="167152", folder=str(shared_data / "lcbench"), **GOOD)


def test_agrees_with_yahpo_gym(config: SurrogateConfig) -> None:
    """Inputs in YAHPO Gym's order (epoch, then as in its lcbench.py) and its task numbers."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(Path(config.folder or "") / "model.onnx")
    x_cont = np.array([[11, 91, 0.01, 0.9, 1e-4, 3, 256, 0.2]], dtype=np.float32)
    x_cat = np.array([[8]], dtype=np.int32)  # encoding.json: 167152 is 8
    (expected,) = session.run(None, {"x_cat": x_cat, "x_cont": x_cont})
    row = curve(config)[9]
    assert row["val_accuracy"] == pytest.approx(expected[0, 1], rel=1e-5)
    assert row["test_balanced_accuracy"] == pytest.approx(expected[0, 5], rel=1e-5)


def test_seconds_add_up_to_the_predicted_time(config: SurrogateConfig) -> None:
    rows = curve(config)
    assert all(row["seconds"] >= 0 for row in rows)
    assert 1 < sum(row["seconds"] for row in rows) < 1e5


@pytest.mark.parametrize("task", TASKS)
def test_every_task_rewards_a_sensible_setting(config: SurrogateConfig, task: str) -> None:
    sensible = config.model_copy(update={"task": task})
    hopeless = sensible.model_copy(
        update={"learning_rate": 1e-4, "momentum": 0.1, "max_dropout": 1}
    )
    final, poor = curve(sensible)[-1]["val_accuracy"], curve(hopeless)[-1]["val_accuracy"]
    assert poor < final <= 100.5


def test_run_yields_the_epochs_after_the_recorded_ones(
    config: SurrogateConfig, tmp_path: Path
) -> None:
    objective = get_objective("surrogate")
    epochs = list(objective.run(config, TrialContext(tmp_path, recorded=48, threads=1)))
    assert [epoch.number for epoch in epochs] == [49, 50, 51]
    assert [epoch.metrics for epoch in epochs] == curve(config)[48:]
    assert not list(tmp_path.iterdir())


def test_a_shorter_trial_is_the_start_of_a_longer_one(config: SurrogateConfig) -> None:
    short = curve(config.model_copy(update={"max_epochs": 5}))
    for row, same in zip(short, curve(config), strict=False):
        assert row == pytest.approx(same, rel=1e-5)
    assert len(short) == 5
    assert len(curve(config)) == MAX_EPOCHS == get_objective("surrogate").max_epochs(config)


def test_every_metric_is_described(config: SurrogateConfig) -> None:
    assert set(curve(config)[0]) == {metric.name for metric in get_objective("surrogate").metrics}


def test_the_folder_may_come_from_the_environment(
    config: SurrogateConfig, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(shared_data))
    assert curve(config.model_copy(update={"folder": None})) == curve(config)


def test_says_where_to_get_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objective = get_objective("surrogate")
    with pytest.raises(DataError, match=r"holds no model.onnx and no encoding.json; get .*yahpo"):
        objective.prepare(SurrogateConfig(folder=str(tmp_path)), tmp_path, lambda *_: None)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(DataError, match=rf"objective.folder: .*{ENVIRONMENT}"):
        objective.prepare(SurrogateConfig(), tmp_path, lambda *_: None)


def test_says_what_to_install(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "lcbench"  # another folder, so that no network is held for it yet
    copy.symlink_to(shared_data / "lcbench")
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(UserError, match="pip install onnxruntime"):
        curve(SurrogateConfig(folder=str(copy)))


@pytest.mark.parametrize(
    ("key", "value"), [("task", "1"), ("learning_rate", 0.2), ("max_epochs", 52)]
)
def test_stays_within_the_benchmark(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        SurrogateConfig.model_validate({key: value})
