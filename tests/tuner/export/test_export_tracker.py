"""A study sent to a tracker after it ended: with which settings, and what is said."""

from pathlib import Path
from typing import Any

import pytest

from sr_models.errors import UserError
from tests.tuner.analysis.small_study import example
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.export import tracker
from tuner.trackers import MlflowConfig, TensorboardConfig, TrackerSettings

STUDY_FILE = """
study: step4
objective: {network: {type: progressive}}
search: {loss.type: {choice: [mse, mae]}}
trackers: [{type: mlflow, experiment: ours}]
"""


@pytest.fixture
def study(tmp_path: Path) -> Snapshot:
    records = example(tmp_path / "step4")
    (tmp_path / "step4" / "study.yaml").write_text(STUDY_FILE)
    return read_snapshot(records)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, TrackerSettings]]:
    calls: list[tuple[Path, TrackerSettings]] = []

    def send(folder: Path, config: TrackerSettings, **_: Any) -> str:
        calls.append((folder, config))
        return "somewhere"

    monkeypatch.setattr(tracker, "export_to_tracker", send)
    return calls


def test_the_study_files_settings_are_used(
    study: Snapshot, sent: list[tuple[Path, TrackerSettings]]
) -> None:
    assert tracker.send(study, "mlflow") == "wrote somewhere"
    assert sent == [(study.folder, MlflowConfig(experiment="ours"))]


def test_a_tracker_that_the_study_file_does_not_name_has_its_defaults(
    study: Snapshot, sent: list[tuple[Path, TrackerSettings]]
) -> None:
    tracker.send(study, "tensorboard")
    assert sent == [(study.folder, TensorboardConfig())]


def test_no_such_tracker(study: Snapshot) -> None:
    with pytest.raises(
        UserError, match=r"'tb' is not one of .*mlflow, neptune, own, tensorboard, w"
    ):
        tracker.send(study, "tb")


def test_tensorboard_really_gets_every_epoch(study: Snapshot) -> None:
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    text = tracker.send(study, "tensorboard")
    folder = study.folder / "trackers" / "tensorboard"
    assert str(folder) in text or "tensorboard" in text
    found = EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
    runs = [name for name in found.Runs() if "T002" in name]
    assert runs
    values = [one.value for one in found.Scalars(runs[0], "validation/psnr")]
    assert values == [26.0, 28.5, 28.0]
