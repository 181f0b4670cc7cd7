"""What holds for every tracker, shown on its real back end and read back with its own reader."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from tests.studies import HOSTILE_NAMES, FakeStudy, write_study
from tests.tuner.trackers.conftest import Backend, wait_for
from tests.tuner.trackers.copies import Copied, CopiedTrial, canonical
from tuner.objectives.described import baseline_values, described
from tuner.objectives.metric import Metric
from tuner.records import EpochRecord, Records, TrialState
from tuner.trackers import TrackerSync, export_to_tracker
from tuner.trackers.views.params import flatten
from tuner.trackers.views.trial import trial_view

pytestmark = pytest.mark.usefixtures("forked")


class OwnStudy(FakeStudy):
    """A study of somebody's own training: a metric that is minimised, and its own baseline."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, metrics={"cruelty": "minimize"}, bicubic={})
        metric = Metric("cruelty", "minimize", baseline=50.0, baseline_label="mercy")
        self.records.set_info("metrics_described", [metric.to_info()])

    def start(self, name: str) -> int:  # type: ignore[override]
        number = super().start(name, params={"rate": 0.1 * len(name), "kind": name})
        self.records.update_trial(number, config={"max_epochs": 9, "seed": None}, static_metrics={})
        return number

    def report(self, number: int) -> dict[str, float]:  # type: ignore[override]
        self._epochs[number] += 1
        epoch = self._epochs[number]
        metrics = {"cruelty": 100.0 / epoch + (epoch == 4), "kindness": float(epoch)}
        self.clock += 2.0
        row = EpochRecord(number, epoch, metrics, self.clock - 2, self.clock, "w0")
        self.records.add_epoch(row)
        return metrics


def assert_whole(
    copied: Copied, folder: Path, *, changed: frozenset[str] = frozenset(), folders: bool = False
) -> None:
    """The copy holds every trial, setting, epoch and state of study.db, each exactly once.

    `folders`: its runs are folders, so that odd names are others there.
    """
    with Records.open(folder) as records:
        trials = records.trials()
        names = {trial.number: trial.name for trial in trials}
        if folders:
            names = {t.number: trial_view(records, t).safe_name for t in trials}
            assert all(re.fullmatch(r"[\w.-]+", name, re.ASCII) for name in names.values())
        baselines = baseline_values(records.info, described(records.info))
        assert set(copied.trials) == {*names.values(), *baselines}
        for trial in trials:
            copy = copied.trials[names[trial.number]]
            settings = flatten(trial.config) | flatten(trial.params)
            for name in changed:  # MLflow cannot change what it was told first
                settings.pop(name)
                copy.settings.pop(name)
            assert copy.settings == {k: canonical(v) for k, v in settings.items()}
            expected = {"kind": trial.kind.value, "state": trial.state.value}
            assert copy.labels.items() >= expected.items()
            assert copy.labels.get("reason") == trial.reason
            assert bool(copy.labels.get("error")) == bool(trial.error)
            _assert_epochs(copy, records, trial.number)
        for label, values in baselines.items():
            assert copied.trials[label].series.keys() == values.keys()


def _assert_epochs(copy: CopiedTrial, records: Records, trial: int) -> None:
    epochs = records.epochs(trial)
    names = {name for epoch in epochs for name in epoch.metrics}
    assert set(copy.series) == names
    for name in names:
        expected = [(epoch.epoch, epoch.metrics[name]) for epoch in epochs]
        assert [step for step, _ in copy.series[name]] == [step for step, _ in expected]
        values = [value for _, value in expected]
        assert [value for _, value in copy.series[name]] == pytest.approx(values, rel=1e-6)
    if epochs:
        name, best = records.info["metrics"][0], min
        if records.info["directions"][0] == "maximize":
            best = max
        assert copy.values[f"best/{name}"] == pytest.approx(
            best(epoch.metrics[name] for epoch in epochs), rel=1e-6
        )


def test_a_finished_study_is_copied_whole_and_only_once(
    tmp_path: Path, any_backend: Backend
) -> None:
    folder = write_study(tmp_path / "step4", trials=7, epochs=3, pictures=1, picture_sizes=(24, 48))
    with Records.open(folder, write=True) as records:
        for number, name in zip((4, 5, 6), HOSTILE_NAMES[1:4], strict=True):
            records.update_trial(number, name=name)
    damaged = folder / "trials" / "AS-25" / "pictures" / "epoch-0003" / "0-mid.webp"
    damaged.write_bytes(damaged.read_bytes()[:60])
    before = (folder / "study.db").read_bytes()
    told: list[str] = []
    config = any_backend.config()
    any_backend.prepare(folder)
    place = export_to_tracker(folder, config, lambda what, *_: told.append(what))
    assert place.startswith(f"{config.type}: ")
    assert "trial AS-24" in told
    export_to_tracker(folder, config)  # again: nothing may appear twice

    copied = any_backend.read(folder)
    assert_whole(copied, folder, folders=any_backend.name == "tensorboard")
    assert copied.files["study.yaml"].strip() == (folder / "study.yaml").read_text().strip()
    assert json.loads(copied.files["environment.json"])["python"] == "3.11.7"
    assert copied.pictures == {
        f"pictures/0-{kind}": 1 for kind in ("x", "mid", "large", "bicubic-mid", "bicubic-large")
    }
    for name in ("AS-24", "bicubic"):
        assert copied.trials[name].pictures == {"pictures/0-mid": 1, "pictures/0-large": 1}
    assert set(copied.trials["AS-25"].pictures) <= {"pictures/0-mid", "pictures/0-large"}
    assert copied.trials["AS-24"].values["reported/validation/psnr"] == pytest.approx(4.02061)
    assert copied.trials["AS-24"].values["facts/parameters"] == 160256
    assert (folder / "study.db").read_bytes() == before


def test_a_study_that_is_killed_and_resumed_is_copied_whole(
    tmp_path: Path, any_backend: Backend
) -> None:
    """Killed between any two steps, and promoted, and exploited: nothing twice, nothing missing.

    The training is somebody's own; the finished study is one of super-resolution.
    """
    study = OwnStudy(tmp_path / "own")
    any_backend.prepare(study.folder)
    cursor = study.folder / "trackers" / f"{any_backend.config().type}.json"
    first, second = study.start("first"), study.start("second")
    study.records.update_trial(first, started=None)  # it waits for a worker
    feeds = TrackerSync(study.folder, [any_backend.config()])
    feeds.start()
    wait_for(lambda: feeds.poll() == [] and _revision(cursor) == study.records.revision)
    study.records.update_trial(first, started=study.clock + 100)
    study.report(first)
    for _ in range(3):
        study.report(first)
        study.report(second)
    study.end(second, TrialState.STOPPED)
    wait_for(lambda: feeds.poll() == [] and _revision(cursor) == study.records.revision)
    study.report(first)
    os.killpg(feeds._supervisors[0].pid, signal.SIGKILL)  # at whatever it is
    wait_for(feeds.poll)
    assert feeds.poll() == []

    study.report(first)
    study.records.update_trial(
        second, state=TrialState.RUNNING, ended=None, reason=None
    )  # promoted
    study.report(second)
    trial = study.records.trial("first")
    other = {"rate": 0.5}  # exploited: goes on under another setting
    study.records.update_trial(first, params=trial.params | other)

    feeds = TrackerSync(study.folder, [any_backend.config()])
    feeds.start()
    wait_for(lambda: feeds.poll() == [] and _revision(cursor) == study.records.revision)
    study.report(first)
    for trial_number in (first, second):
        study.end(trial_number)
    study.close()
    assert len(feeds.finish(60)) == 1

    mlflow = any_backend.name.startswith("mlflow")
    changed = frozenset(other) if mlflow else frozenset()
    copied = any_backend.read(study.folder)
    assert_whole(copied, study.folder, changed=changed)


def _revision(cursor: Path) -> int:
    return int(json.loads(cursor.read_text())["revision"]) if cursor.is_file() else -1
