"""What a feed tells a tracker, and when: with a tracker that only listens."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from sr_models.file_lock import locked
from tests.studies import FakeStudy
from tests.tuner.trackers.conftest import wait_for
from tuner.objectives.metric import Metric
from tuner.records import EpochRecord, EventKind, Records, TrialKind, TrialState
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.cursor import Cursor
from tuner.trackers.sync.feed import Feed
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView


@dataclass
class _Heard:
    """What a tracker was told, in order; `kept` is what it would still have after a crash."""

    told: list[str] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    is_new: bool = True
    place: str = "here"

    def write_study(self, study: StudyView) -> None:
        self.told.append("study")

    def open_trial(self, study: StudyView, trial: TrialView) -> "_Log":
        self.told.append(f"open {trial.record.name}")
        return _Log(self, trial.record.name, self.kept.get(trial.record.name, 0))

    def close(self, study: StudyView) -> None:
        self.told.append("close")


@dataclass
class _Log:
    heard: _Heard
    name: str
    recorded: int

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        for epoch in epochs:
            assert epoch.epoch == self.recorded + 1
            self.recorded = epoch.epoch
            self.heard.told.append(f"{self.name} {epoch.epoch}")

    def end(self, trial: TrialView) -> None:
        self.heard.told.append(f"end {self.name} {trial.record.state}")


class _Config(TrackerSettings):
    type: str = "heard"
    where: str = "a"

    def destination(self) -> str:
        return self.where

    def connect(self, study: StudyView) -> Any:
        return _HEARD[-1]


_HEARD: list[_Heard] = []


@pytest.fixture
def heard() -> _Heard:
    _HEARD.append(_Heard())
    return _HEARD[-1]


@pytest.fixture
def study(tmp_path: Path) -> FakeStudy:
    return FakeStudy(tmp_path / "step4", bicubic={})


def _feed(study: FakeStudy, heard: _Heard, where: str = "a", *, afresh: bool = False) -> Feed:
    heard.told.clear()
    records = Records.open(study.folder)
    path = study.folder / "heard.json"
    return Feed(records, _Config(where=where), path, lambda *_: None, afresh=afresh)


def test_only_what_is_new_is_told(study: FakeStudy, heard: _Heard) -> None:
    first, second = study.start("first"), study.start("second")
    study.report(first)
    feed = _feed(study, heard)
    feed.step()
    assert heard.told == ["study", "open first", "first 1", "open second"]
    heard.told.clear()
    feed.step()
    assert heard.told == []
    study.report(second)
    study.end(second)
    feed.step()
    assert heard.told == ["second 1", "end second complete"]
    feed.finish()
    assert heard.told[2:] == ["end first running", "study", "close"]


def test_a_resumed_feed_tells_again_what_was_open(study: FakeStudy, heard: _Heard) -> None:
    done, running = study.start("done"), study.start("running")
    study.report(done)
    study.end(done)
    study.report(running)
    _feed(study, heard).step()  # and is killed
    heard.is_new = False
    _feed(study, heard).step()
    assert heard.told == ["study", "open running", "running 1"]
    heard.kept = {"running": 1}  # a server that has it
    study.report(running)
    _feed(study, heard).step()
    assert heard.told == ["study", "open running", "running 2"]


@pytest.mark.parametrize(
    "why", ["the copy is gone", "it goes elsewhere", "it is asked for", "another goal"]
)
def test_all_is_told_again_where_nothing_can_be(study: FakeStudy, heard: _Heard, why: str) -> None:
    number = study.start("only")
    study.report(number)
    study.end(number)
    _feed(study, heard).finish()
    heard.is_new = why == "the copy is gone"
    where = "b" if why == "it goes elsewhere" else "a"
    if why == "another goal":  # by which trials have other best epochs
        study.records.set_info("metrics", ["validation/ssim"])
    _feed(study, heard, where, afresh=why == "it is asked for").step()
    assert heard.told == ["study", "open only", "only 1", "end only complete"]


def test_other_settings_begin_a_copy_anew(study: FakeStudy, heard: _Heard) -> None:
    number = study.start("only")
    study.report(number)
    feed = _feed(study, heard)
    feed.step()
    heard.told.clear()
    params = study.records.trial("only").params
    study.records.update_trial(number, params=params | {"optimizer.learning_rate": 0.5})
    feed.step()
    assert heard.told == ["end only running", "open only", "only 1"]


def test_a_promoted_trial_is_opened_again(study: FakeStudy, heard: _Heard) -> None:
    number = study.start("only")
    study.report(number)
    study.end(number, TrialState.STOPPED)
    feed = _feed(study, heard)
    feed.step()
    heard.told.clear()
    study.records.update_trial(number, state=TrialState.RUNNING)
    study.report(number)
    feed.step()
    assert heard.told == ["open only", "only 1", "only 2"]


def test_bicubic_is_told_as_a_trial_of_one_epoch(tmp_path: Path, heard: _Heard) -> None:
    study = FakeStudy(tmp_path / "step4")
    feed = _feed(study, heard)
    feed.finish()
    expected = ["open bicubic", "bicubic 1", "end bicubic complete"]
    assert heard.told == ["study", *expected, "study", "close"]


def test_any_baseline_is_told_as_one(tmp_path: Path, heard: _Heard) -> None:
    """Measured by `prepare` under a label of its own, or declared by a metric."""
    metrics = {"accuracy": "maximize"}
    study = FakeStudy(tmp_path / "own", metrics=metrics, bicubic={})
    described = [
        Metric("accuracy", "maximize", baseline_label="majority"),
        Metric("f1", "maximize", baseline=0.5, baseline_label="published result"),
    ]
    study.records.set_info("metrics_described", [metric.to_info() for metric in described])
    study.records.set_info("baseline_majority", {"accuracy": 0.75})
    with Records.open(study.folder) as records:
        majority, published = StudyView.read(records).baselines
    assert majority.numbers == {"best/accuracy": 0.75}
    assert (majority.key, majority.safe_name) == ("majority", "_majority")
    assert [epoch.metrics for epoch in published.epochs] == [{"f1": 0.5}]
    assert (published.key, published.safe_name) == ("published_result_2", "_published_result_2")
    _feed(study, heard).finish()
    told = [line for line in heard.told if line.startswith("end")]
    assert told == ["end majority complete", "end published result complete"]


def test_a_cursor_that_cannot_be_read_begins_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "trackers" / "x.json"
    assert Cursor.load(path, "a", {}) == Cursor("a")
    cursor = Cursor("a", 7, [1, 2])
    cursor.save(path)
    assert Cursor.load(path, "a", {}) == cursor
    assert Cursor.load(path, "b", {}) == Cursor("b")
    for damaged in ('{"destination": "a", "revi', "[]", '{"destination": "a", "revision": "x"}'):
        path.write_text(damaged)
        assert Cursor.load(path, "a", {}) == Cursor("a")
    assert [file.name for file in path.parent.iterdir()] == ["x.json"]


def test_one_feed_at_a_time(tmp_path: Path) -> None:
    entered = threading.Event()

    def second() -> None:
        with locked(tmp_path / "lock"):
            entered.set()

    thread = threading.Thread(target=second)
    with locked(tmp_path / "lock"):
        thread.start()
        assert not entered.wait(0.2)
    assert entered.wait(10)
    thread.join()


def test_a_second_feed_says_what_it_waits_for(study: FakeStudy) -> None:
    """An export beside a running study: else it would seem to hang while it opens the tracker."""
    from tuner.trackers.sync.process import Link, _follow

    study.close()
    said = StringIO()
    job = {"folder": str(study.folder), "tracker": {"type": "tensorboard"}, "afresh": True}
    finishing = threading.Event()
    finishing.set()
    place = study.folder / "trackers"
    place.mkdir()
    thread = threading.Thread(target=_follow, args=(job, Link(said), finishing))
    with locked(place / ".tensorboard.lock"):
        thread.start()
        wait_for(said.getvalue)
        assert "waiting for another process that feeds this study to tensorboard" in said.getvalue()
        assert "opening" not in said.getvalue()
    thread.join(30)
    assert "opening tensorboard" in said.getvalue()


def test_a_view_knows_the_best_epoch(tmp_path: Path) -> None:
    """By the first metric, in its direction; numbers that are not finite are left out."""
    study = FakeStudy(tmp_path / "step4", metrics={"validation/loss": "minimize"})
    for name, losses in {"a": [0.3, 0.2, 0.4], "b": [0.5, float("nan"), 0.6]}.items():
        number = study.start(name)
        for epoch, loss in enumerate(losses, start=1):
            metrics = {"validation/loss": loss, "seconds": 1.0}
            study.records.add_epoch(EpochRecord(number, epoch, metrics, 0.0, float(epoch)))
    with Records.open(study.folder) as records:
        view = StudyView.read(records)
    a, b = view.trials
    assert (a.numbers_from, b.numbers_from) == ((2, 2.0), (1, 1.0))
    assert a.numbers["best/validation/loss"] == 0.2
    assert "best/seconds" not in a.numbers
    assert view.best is a
    assert view.id != StudyView(study.folder, {**view.info, "created": 1.0}, [], "ended").id


def test_what_training_calls_as_we_would_stays_a_series(tmp_path: Path) -> None:
    """Some report the best so far; a single number of that name would be one more point of it."""
    study = FakeStudy(tmp_path / "step4", metrics={"accuracy": "maximize"})
    number = study.start("a")
    for epoch, value in enumerate([0.7, 0.9, 0.8], start=1):
        row = {"accuracy": value, "best/accuracy": 0.9, "loss": 1.0}
        study.records.add_epoch(EpochRecord(number, epoch, row, 0.0, float(epoch)))
    with Records.open(study.folder) as records:
        view = StudyView.read(records)
    assert {"best/accuracy", "best/loss"} & set(view.trials[0].numbers) == {"best/loss"}
    assert view.best is view.trials[0]


@pytest.mark.parametrize(("way", "best"), [("minimize", "a"), ("maximize", "b")])
def test_the_best_is_in_the_direction_of_the_metric_whatever_it_is_called(
    tmp_path: Path, way: str, best: str
) -> None:
    study = FakeStudy(tmp_path / "step4", metrics={"cruelty": way})
    for name, value, kind in [
        ("a", 1.0, TrialKind.SEARCH),
        ("b", 2.0, TrialKind.SEARCH),
        ("a-seed1", 0.5, TrialKind.CONFIRM),
        ("b-seed1", 2.5, TrialKind.CONFIRM),
    ]:
        number = study.start(name, kind=kind)
        metrics = {"cruelty": value}
        study.records.add_epoch(EpochRecord(number, 1, metrics, 0.0, 1.0))
        study.end(number)
    with Records.open(study.folder) as records:
        found = StudyView.read(records).best
    assert found is not None
    assert found.record.name == best


def test_a_failed_trial_is_never_the_best(tmp_path: Path) -> None:
    """However good it was before."""
    study = FakeStudy(tmp_path / "step4", metrics={"validation/loss": "minimize"})
    for name, loss in {"a": 0.3, "b": 0.1}.items():
        number = study.start(name)
        study.records.add_epoch(EpochRecord(number, 1, {"validation/loss": loss}, 0.0, 1.0))
    study.end(number, TrialState.FAILED)
    with Records.open(study.folder) as records:
        best = StudyView.read(records).best
    assert best is not None
    assert best.record.name == "a"


def test_a_view_knows_how_the_study_stands(study: FakeStudy) -> None:
    def state() -> str:
        with Records.open(study.folder) as records:
            return StudyView.read(records).state

    assert state() == "running"
    study.records.add_event(study.clock, EventKind.ENDED, reason="interrupted")
    assert state() == "interrupted"
    study.records.add_event(study.clock, EventKind.RESUMED)
    study.records.add_event(study.clock, EventKind.EXPLOITED, 0)
    assert state() == "running"
    study.records.add_event(study.clock, EventKind.ENDED, reason="all trials done")
    assert state() == "ended"
