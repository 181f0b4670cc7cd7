"""Metrics and settings of one's own may be called what MLflow refuses."""

from pathlib import Path

import pytest

from tests.studies import FakeStudy
from tuner.records import EpochRecord
from tuner.trackers import MlflowConfig, export_to_tracker
from tuner.trackers.mlflow.names import mlflow_name

ODD = [
    "acc@1", "acc#1", "top,5", "loss (test)", "100%", "val\\x", "a//b", "a/./b", "../x", "/x", ".",
    "a\nb", "x" * 300, "x" * 301, "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", ["validation/psnr", "F1-score", "Präzision 2", "a_b.c", "t:1"])
def test_names_that_it_takes_stay(name: str) -> None:
    assert mlflow_name(name) == name


def test_all_others_become_names_of_their_own() -> None:
    from mlflow.utils.validation import _validate_metric_name, _validate_param_name

    names = [mlflow_name(name) for name in ODD]
    for name in names:
        _validate_metric_name(name)
        _validate_param_name(name)
        assert len(name) <= 250
    assert len(set(names)) == len(ODD)
    assert names[0].startswith("acc_1 ")


@pytest.mark.usefixtures("forked")
def test_a_study_with_such_names_is_copied_whole(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    study = FakeStudy(tmp_path / "s", metrics={"acc@1": "maximize"}, bicubic={})
    trial = study.start(params={"learning rate (max)": 0.5})
    for epoch in (1, 2):
        row = {"acc@1": 50.0 + epoch, "loss, test": 1.0 / epoch}
        study.records.add_epoch(EpochRecord(trial, epoch, row, epoch, epoch + 1.0, "w0"))
    study.end(trial)
    folder = study.close()
    export_to_tracker(folder, MlflowConfig())
    client = MlflowClient(f"sqlite:///{folder}/trackers/mlflow/mlflow.db")
    experiments = [one.experiment_id for one in client.search_experiments()]
    (run,) = client.search_runs(experiments, "tags.kind = 'search'")
    history = client.get_metric_history(run.info.run_id, mlflow_name("acc@1"))
    assert [point.value for point in history] == [51.0, 52.0]
    assert run.data.params[mlflow_name("learning rate (max)")] == "0.5"
