"""What a person sees of a running study."""

import io
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.tuner.simulated import new_study, study_config
from tuner.core.job import NODE_DIED, WORKER_DIED, Outcome
from tuner.core.study import Study
from tuner.lifecycle.build import build_study
from tuner.lifecycle.console import ConsoleReporter
from tuner.lifecycle.progress import StudyProgress, span
from tuner.lifecycle.running_settings import RunningSettings
from tuner.objectives.protocol import Epoch
from tuner.records import Records


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (11100, "3 h 05 min")],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


def watched(folder: Path) -> tuple[Study, StudyProgress, io.StringIO]:
    study, text = running(folder), io.StringIO()
    console = Console(file=text, force_terminal=True, width=120, color_system=None)
    return study, StudyProgress(study, console, wall_clock=None), text


def running(folder: Path) -> Study:
    config = study_config(folder, baselines={"AS-1": {"set": {"x": 0.5}}}, retries=4)
    new_study(config, folder / "study").close()
    records = Records.open(folder / "study", write=True)
    records.set_info("baseline_bicubic", {"validation/psnr": 24.0})
    return build_study(config, records, workers=2, clock=time.time)


def report(study: Study, value: float, trial: int | None = None) -> int:
    """The next epoch of a trial that runs, or the first of one that starts."""
    if trial is None:
        job = study.next_job()
        assert job is not None
        trial = job.trial
    epoch = study.state.trials.epochs(trial) + 1
    study.report(trial, Epoch(epoch, {"validation/psnr": value}, 0.0, 1.0), "worker")
    return trial


@pytest.mark.parametrize("terminal", [True, False])
def test_it_is_said_that_ray_is_started(*, terminal: bool) -> None:
    """On a terminal it goes when Ray is there."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=60, color_system=None)
    with ConsoleReporter(console).starting():
        pass
    said, erased, left = text.getvalue().partition("\x1b[1A\x1b[2K")
    assert "starting Ray" in said
    assert bool(erased) == terminal
    assert "starting" not in left


def test_the_live_view_shows_what_runs_and_what_is_best(tmp_path: Path) -> None:
    study, progress, text = watched(tmp_path)
    report(study, 25.5)
    report(study, 26.25)
    console = Console(file=text, width=80, color_system=None)
    console.print(progress._render())
    shown = text.getvalue()
    assert "0 of 15 trials" in shown
    assert "AS-1" in shown
    assert "1/9" in shown
    assert "+1.50" in shown
    assert "unlike AS-1" in shown
    assert "best so far  T001: validation/psnr 26.25 dB, 2.25 dB above bicubic, epoch 1" in shown
    assert "retried" not in shown


def test_the_live_view_tells_what_differs_in_the_trial_that_runs(tmp_path: Path) -> None:
    study, progress, _ = watched(tmp_path)
    report(study, 25.5)
    assert progress._settings.text(study.state.trials[0]) == "the reference"
    trial = study.state.trials[report(study, 26.0)]
    found = progress._settings.text(trial)
    assert f"y={trial.params['y']:.3g}" in found
    same = replace(trial, params={**trial.params, "x": 0.5})
    assert "x=" not in progress._settings.text(same)


def test_what_the_reference_alone_sets_is_told_by_its_default(tmp_path: Path) -> None:
    """A proposal without `y` has its default, and differs in that too."""
    baselines = {"AS-1": {"set": {"x": 0.5, "y": 0.25}}}
    search = {"x": {"low": 0.0, "high": 1.0}}
    config = study_config(tmp_path, baselines=baselines, search=search)
    new_study(config, tmp_path / "study").close()
    with Records.open(tmp_path / "study", write=True) as records:
        study = build_study(config, records, workers=2)
        report(study, 25.0)
        trial = study.state.trials[report(study, 24.0)]
        default = config.objective_config.model_dump()["y"]
        assert f"y={default:.3g}" in RunningSettings(study.state).text(trial).split()


def test_the_reference_is_the_first_baseline_of_a_resumed_study_too(tmp_path: Path) -> None:
    """The first takes longest: what has ended by then is taken over before it."""
    baselines = {name: {"set": {"x": x}} for name, x in (("long", 0.5), ("short", 0.6))}
    config = study_config(tmp_path, baselines=baselines)
    new_study(config, tmp_path / "study").close()
    with Records.open(tmp_path / "study", write=True) as records:
        study = build_study(config, records, workers=2)
        report(study, 25.0)
        study.ended(report(study, 24.0), Outcome())
        report(study, 24.0)
        study.close()
        again = build_study(config, records, workers=2)
        assert next(trial.name for trial in again.state.trials) == "short"
        assert RunningSettings(again.state).heading == "unlike long"


def test_what_is_left_counts_what_is_under_way(tmp_path: Path) -> None:
    """Of 15 trials one and two ninths in a minute: the other ones take eleven."""
    study, progress, _ = watched(tmp_path)
    assert progress._left(60.0, 0, 15) == ""
    study.ended(report(study, 25.5), Outcome())
    report(study, 25.5)
    report(study, 25.5)
    assert progress._left(60.0, 1, 15) == f"about {span(60 / (1 + 2 / 9) * (14 - 2 / 9))} left"


def test_the_live_view_tells_of_retries_and_of_what_was_lost(tmp_path: Path) -> None:
    study, progress, text = watched(tmp_path)
    for kind in (WORKER_DIED, NODE_DIED, "RuntimeError"):
        study.ended(report(study, 25.5), Outcome(f"it was {kind}", kind))
    console = Console(file=text, width=80, color_system=None)
    console.print(progress._render())
    line = "retried  3 (1 worker lost, 1 machine lost), last AS-1: it was RuntimeError"
    assert line in text.getvalue()


def test_what_an_error_or_a_setting_holds_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Nor does an error of many lines push what runs out of sight."""
    error = "ValueError: \x1b[2J\x1b]0;title\x07" + "\nmore" * 100
    study, progress, text = watched(tmp_path)
    study.ended(report(study, 25.5), Outcome())
    study.ended(report(study, 24.5), Outcome(error, "ValueError", retry=False))
    console = Console(file=text, width=60, color_system=None)
    console.print(progress._render())
    ConsoleReporter(console).say(f"ended early: {error}")
    assert not set(text.getvalue()) & {"\x1b", "\x07"}
    shown = text.getvalue().splitlines()
    assert sum("failed  1, last T001: ValueError: \\x1b[2J" in line for line in shown) == 1
