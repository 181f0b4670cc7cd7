"""Neptune's and W&B's servers, which cannot run here: their clients are replaced by stand-ins.

What is shown is what we ask of the clients; that the real ones are called rightly when nobody
answers is shown in test_tracker_faults.
"""

import shutil
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.studies import FakeStudy
from tuner.records import Records, TrialState
from tuner.trackers import MlflowConfig, NeptuneConfig, WandbConfig, export_to_tracker
from tuner.trackers.neptune.offline import read_offline
from tuner.trackers.sync.feed import Feed
from tuner.trackers.views.study import StudyView


class _NeptuneServer:
    """Runs by custom id, each with fields and series, as the server would keep them."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = defaultdict(dict)
        self.asked: list[dict[str, Any]] = []

    def init_run(self, **options: Any) -> Any:
        self.asked.append(options)
        return _NeptuneRun(self.runs[options["custom_run_id"]])


class _NeptuneRun:
    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def exists(self, path: str) -> bool:
        return path in self.fields

    def stop(self) -> None: ...

    def __setitem__(self, path: str, value: Any) -> None:
        self.fields[path] = value

    def __getitem__(self, path: str) -> Any:
        return SimpleNamespace(
            append=lambda value, step, timestamp: self.fields.setdefault(path, []).append(step),
            add=lambda values: None,
            upload=lambda file: None,
            fetch=lambda: self.fields[path],
        )


def _feed(study: FakeStudy, config: Any) -> None:
    """Tell everything from the start, in this process."""
    path = study.folder / "trackers" / f"{config.type}.json"
    with Records.open(study.folder) as records:
        Feed(records, config, path, lambda *_: None, afresh=True).finish()


def test_neptunes_server_is_asked_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import neptune

    server = _NeptuneServer()
    monkeypatch.setattr(neptune, "init_run", server.init_run)
    monkeypatch.setenv("NEPTUNE_DATA_DIRECTORY", str(tmp_path))
    study = FakeStudy(tmp_path / "step4")
    number = study.start()
    config = NeptuneConfig(mode="server", project="me/mine")
    for _ in range(3):
        study.report(number)
        _feed(study, config)

    with Records.open(study.folder) as records:
        run = server.runs[f"{StudyView.read(records).id}-0"]
    assert run["validation/psnr"] == [1, 2, 3]
    assert run["params/optimizer.learning_rate"] > 0
    assert {options["mode"] for options in server.asked} == {"async"}
    assert {options["project"] for options in server.asked} == {"me/mine"}


class _WandbServer:
    """Histories by run id; like the server it drops rows for steps that have gone by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: dict[str, list[int]] = defaultdict(list)
        self.asked: list[dict[str, Any]] = []

    def init(self, **options: Any) -> Any:
        self.asked.append(options)
        steps = self.steps[options["id"]]
        start = max(steps, default=-1) + 1

        def log(row: dict[str, Any], step: int) -> None:
            assert step >= start, "told twice"
            if "validation/psnr" in row:
                steps.append(step)

        (self.folder / "files").mkdir(exist_ok=True)
        return SimpleNamespace(
            log=log,
            step=start,
            starting_step=start,
            dir=str(self.folder / "files"),
            config={},
            summary={},
            save=lambda *_, **__: None,
            finish=lambda **_: None,
        )


def test_wandbs_server_is_asked_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wandb

    server = _WandbServer(tmp_path)
    monkeypatch.setattr(wandb, "init", server.init)
    monkeypatch.setattr(wandb, "teardown", lambda: None)
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    study = FakeStudy(tmp_path / "step4")
    number = study.start()
    for _ in range(3):
        study.report(number)
        _feed(study, WandbConfig(entity="us"))

    with Records.open(study.folder) as records:
        run = f"{StudyView.read(records).id}-0"
    assert server.steps[run] == [1, 2, 3]
    assert {options["mode"] for options in server.asked} == {"online"}
    assert {options["resume"] for options in server.asked} == {"allow"}
    assert {options["entity"] for options in server.asked} == {"us"}


@pytest.mark.usefixtures("forked")
def test_neptunes_own_sync_takes_in_what_lies_offline(tmp_path: Path) -> None:
    """`neptune sync` itself, sending to the server that Neptune's client brings for its tests."""
    from neptune.cli.path_option import get_neptune_path
    from neptune.cli.sync import SyncRunner
    from neptune.internal.backends.neptune_backend_mock import NeptuneBackendMock

    study = FakeStudy(tmp_path / "step4")
    number = study.start("first")
    values = [study.report(number)["validation/psnr"] for _ in range(4)]
    study.end(number)
    study.close()
    export_to_tracker(study.folder, NeptuneConfig())
    offline = {run.name: run for run in read_offline(study.folder / "trackers" / "neptune")}
    assert offline["first"].series["validation/psnr"] == list(enumerate(values, start=1))

    server = NeptuneBackendMock()
    path = get_neptune_path(None, None, str(study.folder / "trackers" / "neptune"))
    SyncRunner.sync_all_offline(backend=server, base_path=path, project_name="me/mine")
    runs = {_field(run, "sys/name"): run for run in server._containers.values()}
    assert runs["first"].get(["validation", "psnr"]).values == values  # it keeps no steps
    assert _field(runs["first"], "params/network.block") in ("residual", "dilated")
    assert _field(runs["first"], "trial/state") == "complete"
    assert {"first", "bicubic", "step4"} < set(runs)


def _field(run: Any, path: str) -> Any:
    found = run.get(path.split("/"))
    return found.value if found is not None else None


@pytest.mark.usefixtures("forked")
def test_mlflow_completes_an_epoch_that_it_has_only_half(
    tmp_path: Path, empty_mlflow: Path
) -> None:
    from mlflow import MlflowClient

    (tmp_path / "one").mkdir()
    shutil.copy(empty_mlflow, tmp_path / "one" / "mlflow.db")
    store = f"sqlite:///{tmp_path}/one/mlflow.db"
    config = MlflowConfig(uri=store, log_model=False)
    study = FakeStudy(tmp_path / "step4")
    number = study.start("first")
    study.report(number)
    export_to_tracker(study.folder, config)
    client = MlflowClient(store)
    (run,) = client.search_runs(["1"], "tags.`sr_tuner.run` = '0'")
    metrics = study.report(number)
    ended = int(study.records.epochs(number)[1].ended * 1000)
    client.log_metric(run.info.run_id, "validation/psnr", metrics["validation/psnr"], ended, 2)
    study.end(number, TrialState.FAILED)
    export_to_tracker(study.folder, config)

    (run,) = client.search_runs(["1"], "tags.`sr_tuner.run` = '0'")
    for name in metrics:
        history = client.get_metric_history(run.info.run_id, name)
        assert sorted(point.step for point in history) == [1, 2]
    assert run.info.status == "FAILED"
    trial = study.records.trial("first")
    assert (run.info.start_time, run.info.end_time) == (trial.created * 1000, trial.ended * 1000)
    assert list((tmp_path / "one" / "mlruns").rglob("study.yaml"))
