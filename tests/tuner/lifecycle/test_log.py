"""What a log file says of a running study."""

import io
from pathlib import Path

from rich.console import Console

from tests.tuner.lifecycle.test_progress import report, running
from tests.tuner.simulated import new_study, study_config
from tuner.core.job import WORKER_DIED, Outcome
from tuner.core.study import Study
from tuner.lifecycle.build import build_study
from tuner.lifecycle.log import PAUSE, StudyLog
from tuner.records import Records
from tuner.records.status import OUT_OF_TIME


class Log:
    """The lines about a study, on a clock that the test sets."""

    def __init__(self, study: Study, wall_clock: float | None = None) -> None:
        self.now = 0.0
        self._text = io.StringIO()
        console = Console(file=self._text, width=120)
        log = StudyLog(study, console, wall_clock=wall_clock, clock=lambda: self.now)
        with log.shown():
            pass

    def lines(self) -> list[str]:
        """What has been said since the last call."""
        found = self._text.getvalue().splitlines()
        self._text.seek(0)
        self._text.truncate()
        return found


def test_a_line_for_what_begins_and_for_each_trial_that_ends(tmp_path: Path) -> None:
    study = running(tmp_path)
    log = Log(study, wall_clock=600)
    assert log.lines() == ["running 15 trials, 2 at a time, 10 min at most"]
    study.ended(report(study, 25.5), Outcome())
    study.ended(report(study, 24.5), Outcome("the worker is gone", WORKER_DIED))
    trial = report(study, 24.5)
    study.ended(trial, Outcome("ValueError: [red]it broke[/red]", "ValueError", retry=False))
    assert log.lines() == [
        "AS-1 has trained 1 of 9 epochs: validation/psnr 25.50 dB, 1.50 dB above bicubic",
        "[1/15] AS-1 complete after 1 epoch: validation/psnr 25.50 dB, 1.50 dB above bicubic "
        "(best: AS-1 25.50)",
        "T001 is retried (1 of 4): the worker is gone",
        "[2/15] T001 failed ValueError: [red]it broke[/red] (best: AS-1 25.50)",
    ]


def test_a_single_trial_is_not_said_to_run_two_at_a_time(tmp_path: Path) -> None:
    config = study_config(tmp_path, budget={"trials": 1})
    new_study(config, tmp_path / "study").close()
    with Records.open(tmp_path / "study", write=True) as records:
        log = Log(build_study(config, records, workers=2))
        assert log.lines() == ["running 1 trial"]


def test_what_the_time_cuts_off_is_no_choice_of_the_scheduler(tmp_path: Path) -> None:
    study = running(tmp_path)
    log = Log(study)
    report(study, 25.5)
    study.next_job()
    study.stop(OUT_OF_TIME)
    study.close()
    assert log.lines()[-2:] == [
        "[2/15] AS-1 stopped, as the time is up, after 1 of 9 epochs: validation/psnr 25.50 dB, "
        "1.50 dB above bicubic (best: AS-1 25.50)",
        "[2/15] T001 stopped, as the time is up, before its first epoch had ended "
        "(best: AS-1 25.50)",
    ]


def test_what_an_error_holds_cannot_steer_the_terminal(tmp_path: Path) -> None:
    study = running(tmp_path)
    log = Log(study)
    error = "ValueError: \x1b[2J\x1b]0;title\x07" + "\nmore" * 100
    study.ended(report(study, 24.5), Outcome(error, "ValueError", retry=False))
    assert "AS-1 failed ValueError: \\x1b[2J\\x1b]0;title\\x07 more more" in log.lines()[-1]


def test_long_trials_are_heard_of_and_short_ones_do_not_flood(tmp_path: Path) -> None:
    study = running(tmp_path)
    log = Log(study)
    trial = report(study, 25.0)
    said = []
    for epoch in range(2, 9):
        log.now += PAUSE / 3
        report(study, 25.0, trial)
        said += [f"{epoch} {line}" for line in log.lines() if "has trained" in line]
    assert [line.partition(" AS-1 has trained")[0] for line in said[1:]] == ["4", "7"]
    study.ended(trial, Outcome())
    log.lines()
    report(study, 26.0)
    assert log.lines() == [], "a line was printed a moment ago"


def test_a_stopped_trial_that_is_promoted_goes_on(tmp_path: Path) -> None:
    """Its end has been counted, so the count falls: the line says why."""
    promote = {"type": "asha", "grace_period": 1, "reduction_factor": 3, "mode": "promote"}
    config = study_config(tmp_path, scheduler=promote, search={"x": {"low": 0.0, "high": 1.0}})
    new_study(config, tmp_path / "study").close()
    with Records.open(tmp_path / "study", write=True) as records:
        study = build_study(config, records, workers=1)
        log = Log(study)
        for value in (25.0, 24.0, 23.0, 25.0):
            report(study, value)
    assert log.lines()[-2:] == [
        "[3/14] T002 stopped after 1 of 9 epochs: validation/psnr 23.00 dB (best: T000 25.00)",
        "T000 continues after 1 of 9 epochs",
    ]


def test_the_number_of_trials_stays_while_one_is_recorded(tmp_path: Path) -> None:
    """A live view looks at any moment."""
    study = running(tmp_path)
    seen = []
    study.state.records.add_trial = _watched(study, seen)  # type: ignore[method-assign]
    report(study, 25.0)
    for _ in range(3):
        study.ended(report(study, 25.0), Outcome())
    assert set(seen[1:]) == {15}


def _watched(study: Study, seen: list[int | None]):  # type: ignore[no-untyped-def]
    add = study.state.records.add_trial

    def watching(record):  # type: ignore[no-untyped-def]
        seen.append(study.planned)
        add(record)

    return watching
