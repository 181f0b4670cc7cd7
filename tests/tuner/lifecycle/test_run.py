"""A study from its file to its result, without a terminal."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sr_models.errors import UserError
from tests.tuner.simulated import SimulatedEngine, history, run_tuner, study_file
from tuner.core.study import Study
from tuner.lifecycle.reporter import Silent
from tuner.lifecycle.resume import ResumeOptions
from tuner.lifecycle.run import RunOptions, run_file
from tuner.records import Records


class Listener(Silent):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def say(self, text: str) -> None:
        self.told.append(text)

    @contextmanager
    def starting(self) -> Iterator[None]:
        self.told.append("starting")
        yield

    @contextmanager
    def running(self, study: Study, seconds: float | None) -> Iterator[None]:
        self.told.append("running")
        yield
        self.told.append("over")

    def interrupted(self, folder: Path) -> None:
        self.told.append(f"interrupted {folder.name}")

    def finished(self, records: Records) -> None:
        self.told.append(f"finished {len(records.trials())}")


def test_a_run_prints_nothing_and_says_what_it_came_to(
    tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_file(
        study_file(tmp_path, budget={"trials": 3}), tmp_path, None, RunOptions(), Silent()
    )
    assert (result.folder, result.reason) == (tmp_path / "toy", "all trials done")
    assert result.succeeded == 3
    assert not result.interrupted
    assert (tmp_path / "toy" / "report.html").is_file()
    assert capsys.readouterr() == ("", "")


def test_an_interrupted_one_is_resumed(tmp_path: Path, engine: SimulatedEngine) -> None:
    file, listener = study_file(tmp_path, budget={"trials": 3}), Listener()
    engine.epochs = 5
    assert run_file(file, tmp_path, None, RunOptions(), listener).interrupted
    assert listener.told == ["starting", "running", "over", "interrupted toy"]
    engine.epochs = None
    result = run_file(file, tmp_path, None, RunOptions(resume=ResumeOptions()), listener)
    assert result.succeeded == 3
    assert listener.told[4:] == ["starting", "running", "over", "finished 3"]
    assert len(history(tmp_path / "toy")[0]) == 3


def test_one_that_exists_is_not_overwritten(tmp_path: Path, engine: SimulatedEngine) -> None:
    file = study_file(tmp_path, budget={"trials": 1})
    run_file(file, tmp_path, None, RunOptions(), Silent())
    with pytest.raises(UserError, match="exists already"):
        run_file(file, tmp_path, None, RunOptions(), Silent())


@pytest.mark.parametrize(
    ("place", "problem"), [("nowhere", "does not exist"), ("toy.yaml", "is not a folder")]
)
def test_photographs_that_are_not_there_are_told_of_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, problem: str
) -> None:
    folder = tmp_path / place
    assert run_tuner(study_file(tmp_path), "--data", folder, "--results", tmp_path / "r") == 2
    assert capsys.readouterr().err == f"error: --data {folder}: {problem}\n"
    assert not (tmp_path / "r").exists()


def test_needs_no_terminal_library() -> None:
    program = (
        "import sys, tuner.lifecycle.run, tuner.lifecycle.runner\n"
        "print(sorted({'typer', 'rich', 'torch', 'ray', 'optuna'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert found.stdout.strip() == "[]", found.stderr


def test_what_cannot_be_meant_is_told_before_the_start(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file, listener = study_file(tmp_path, objective={"max_epochs": 5}), Listener()
    overrides = [
        "scheduler={type: median, grace_period: 9}",
        "budget.trials=1",
        "objective={type: analytic}",
    ]
    run_file(file, tmp_path, None, RunOptions(overrides), listener)
    too_long = (
        "scheduler.grace_period = 9: scheduler median will stop no proposal, as none is longer"
    )
    assert listener.told[:4] == [
        "note: --set objective replaces the whole section: max_epochs is now 9, not 5",
        f"note: {too_long} than 9 epochs",
        "starting",
        "running",
    ]
    listener.told.clear()
    run_file(file, tmp_path, "other", RunOptions(overrides[:2]), listener)
    assert listener.told[:2] == [f"note: {too_long} than 5 epochs", "starting"]


RULE = "must be a duration such as 45s, 30m, 1h30m, or a number of seconds"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("", RULE),
        ("null", RULE),
        ("soon", RULE),
        ("99999999999d", "must be at most 36500d"),
        ("9" * 400, "must be at most 36500d"),
    ],
)
def test_a_time_budget_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, rule: str
) -> None:
    assert run_tuner(study_file(tmp_path), "--results", tmp_path, "--max-time", given) == 2
    assert capsys.readouterr().err == f"error: --max-time {given!r}: {rule}\n"
