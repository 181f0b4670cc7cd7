"""The MLflow runs of a study: a parent run, a child run for each trial, and the best model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time as now
from typing import TYPE_CHECKING, Any

from tuner.records import EpochRecord, TrialState
from tuner.records.status import StudyStatus
from tuner.trackers.mlflow.names import mlflow_name
from tuner.trackers.views.pictures import Picture
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

_STUDY = "sr_tuner.study_id"
_KEY = "sr_tuner.run"
_PARENT = "mlflow.parentRunId"
_FIRST = 1_000_000  # any time except 0; MLflow compares the digits as text
_BATCH = 900  # metrics in one request; MLflow takes up to 1000
_FEW = 100  # parameters, or tags, in one request: MLflow takes no more
_LONGEST = 6000  # characters of a parameter, 5000 of a tag: MLflow refuses more
_STATUS = {
    TrialState.RUNNING: "RUNNING",
    TrialState.COMPLETE: "FINISHED",
    TrialState.STOPPED: "FINISHED",
    TrialState.FAILED: "FAILED",
    TrialState.INTERRUPTED: "KILLED",
}


@dataclass
class Mlflow:
    """The runs of a study; `runs` maps a key (`study`, or a trial's number) to the id of a run."""

    client: "MlflowClient"
    experiment: str
    place: str
    runs: dict[str, str]
    is_new: bool
    log_model: bool

    def write_study(self, study: StudyView) -> None:
        """Write the parent run."""
        run = self._run(study, "study", study.name, study.info["created"])
        self._describe(run, study.settings, study.labels)
        for name, text in study.texts.items():
            self.client.log_text(run, text, name)
        self._pictures(run, study.pictures)

    def open_trial(self, study: StudyView, trial: TrialView) -> "MlflowLog":
        """Start the run of a trial, or continue it."""
        record = trial.record
        run = self._run(study, trial.key, record.name, record.created)
        # Set each time, because the parent run may have been deleted by hand and created again.
        labels = {"kind": record.kind.value, _PARENT: self.runs["study"]}
        self._describe(run, trial.settings, labels)
        self.client.update_run(run, status="RUNNING")
        return MlflowLog(self, run, recorded=self._recorded(run, trial.metric))

    def close(self, study: StudyView) -> None:
        """Log the best model and end the parent run."""
        run, best = self.runs["study"], study.best
        if best is not None:
            self._numbers(run, best)
            if self.log_model:
                self._model(run, best)
        status = "KILLED" if study.state is StudyStatus.INTERRUPTED else "FINISHED"
        self.client.set_terminated(run, status, end_time=_milliseconds(study.ended))

    def _run(self, study: StudyView, key: str, name: str, started: float) -> str:
        if key not in self.runs:
            tags = {_STUDY: study.id, _KEY: key, "study": study.name}
            if key != "study":
                tags[_PARENT] = self.runs["study"]
            run = self.client.create_run(
                self.experiment, start_time=_milliseconds(started), tags=tags, run_name=name
            )
            self.runs[key] = run.info.run_id
        return self.runs[key]

    def _describe(self, run: str, settings: Mapping[str, Any], labels: Mapping[str, str]) -> None:
        """Set parameters and tags; as MLflow cannot change a parameter, a new value becomes a
        tag."""
        from mlflow.entities import Param, RunTag

        known = self.client.get_run(run).data.params
        values = {mlflow_name(name): _text(value) for name, value in settings.items()}
        params = [Param(name, value) for name, value in values.items() if name not in known]
        tags = dict(labels) | {
            name: value for name, value in values.items() if known.get(name, value) != value
        }
        marks = [RunTag(name, value[:5000]) for name, value in tags.items()]
        for start in range(0, max(len(params), len(marks)), _FEW):
            part = slice(start, start + _FEW)
            self.client.log_batch(run, params=params[part])
            self.client.log_batch(run, tags=marks[part])

    def _recorded(self, run: str, metric: str) -> int:
        """The last epoch in the store. It is sent again, because some of its metrics may be
        missing."""
        history = self.client.get_metric_history(run, mlflow_name(metric))
        return max((point.step for point in history), default=1) - 1

    def _numbers(self, run: str, trial: TrialView) -> None:
        """Log single numbers, at step 0, so that MLflow's charts show bars, run beside run.

        MLflow shows the value with the latest time, but the best may change to an earlier epoch (if
        another metric is searched for, or the best trial has failed): changed values get the
        current time.
        """
        known, (_, then) = self.client.get_run(run).data.metrics, trial.numbers_from
        points = _points(trial.numbers, 0, then)
        changed = {p.key: p.value for p in points if known.get(p.key, p.value) != p.value}
        self.client.log_batch(run, metrics=[p for p in points if p.key not in known])
        self.client.log_batch(run, metrics=_points(changed, 0, now()))

    def _pictures(self, run: str, pictures: Sequence[Picture]) -> None:
        """Log the pictures, all at step 0, so that MLflow shows those of all runs side by side.

        Existing pictures are not logged again, because MLflow would keep both. If there are
        pictures of two epochs (of a promoted trial), MLflow shows those with the later time, so the
        epoch is given as the time.
        """
        there = self.client.list_artifacts(run, "images") if pictures else []
        # Older versions of MLflow used other signs between the parts of a name, and for a slash.
        names = [artifact.path.replace("%", "+").replace("#", "~") for artifact in there]
        for picture in pictures:
            key, time = picture.name.replace("/", "~"), _FIRST + picture.epoch
            start = f"images/{key}+step+0+timestamp+{time}+"
            if not any(name.startswith(start) for name in names):
                image = picture.image
                self.client.log_image(run, image, key=picture.name, step=0, timestamp=time)

    def _model(self, run: str, best: TrialView) -> None:
        from tuner.trackers.mlflow.model import log_best_model

        path = best.folder / "trials" / best.record.name / "best.safetensors"
        if path.is_file():
            log_best_model(self.client, run, best, path)


@dataclass
class MlflowLog:
    """The run of a trial."""

    tracker: Mlflow
    run: str
    recorded: int

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs, at the times when they ended."""
        points = [
            point for epoch in epochs for point in _points(epoch.metrics, epoch.epoch, epoch.ended)
        ]
        for start in range(0, len(points), _BATCH):
            self.tracker.client.log_batch(self.run, metrics=points[start : start + _BATCH])
        self.recorded = epochs[-1].epoch if epochs else self.recorded

    def end(self, trial: TrialView) -> None:
        """Add single numbers, pictures and the final state."""
        record = trial.record
        self.tracker._numbers(self.run, trial)
        self.tracker._pictures(self.run, trial.pictures)
        self.tracker._describe(self.run, {}, trial.labels)
        if trial.running:
            return
        ended = _milliseconds(record.ended or record.created)
        self.tracker.client.set_terminated(self.run, _STATUS[record.state], end_time=ended)


def known_runs(client: "MlflowClient", experiment: str, study: StudyView) -> dict[str, str]:
    """Return the runs of this study that are already in the store, by key."""
    runs: dict[str, str] = {}
    token = None
    while True:
        found = client.search_runs(
            [experiment], f"tags.`{_STUDY}` = '{study.id}'", max_results=1000, page_token=token
        )
        runs |= {run.data.tags[_KEY]: run.info.run_id for run in found}
        token = found.token
        if not token:
            return runs


def _points(values: Mapping[str, float], step: int, time: float) -> "list[Metric]":
    """Metrics for MLflow, which stores a value only once if it is sent twice with the same time.

    An infinite value becomes NaN: MLflow would store 1.8e308, and scale its charts to it.
    """
    from mlflow.entities import Metric

    when = _milliseconds(time)
    known = {name: math.nan if math.isinf(value) else value for name, value in values.items()}
    return [Metric(mlflow_name(name), value, when, step) for name, value in known.items()]


def _milliseconds(time: float) -> int:
    return int(time * 1000)


def _text(value: bool | int | float | str) -> str:
    return (str(value).lower() if isinstance(value, bool) else str(value))[:_LONGEST]
