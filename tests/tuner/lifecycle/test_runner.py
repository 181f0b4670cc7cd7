"""A run that is told to end while no trial runs yet."""

import signal
from pathlib import Path

import pytest

from sr_models.exits import Terminated
from tests.tuner.simulated import SimulatedEngine, run_tuner, study_file
from tuner.lifecycle.runner import RunResult
from tuner.objectives.analytic import Analytic
from tuner.records import Records
from tuner.records.status import StudyStatus, study_status
from tuner.result import Study


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (Terminated(signal.SIGTERM), 143), (Terminated(1), 129)],
)
def test_while_it_prepares_it_is_interrupted_and_says_how_to_go_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: SimulatedEngine,
    error: BaseException,
    code: int,
) -> None:
    def prepare(*_: object) -> None:
        raise error

    file = study_file(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Analytic, "prepare", prepare)
        assert run_tuner(file, "--results", tmp_path / "results") == code
    said = capsys.readouterr().err
    assert "interrupted; nothing is lost" in said
    assert "--resume" in said
    with Records.open(tmp_path / "results" / "toy") as records:
        assert study_status(records.events()) is StudyStatus.INTERRUPTED
    assert run_tuner(file, "--results", tmp_path / "results", "--resume") == 0


def test_what_an_objective_has_to_say_is_said_and_not_kept(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: SimulatedEngine,
) -> None:
    monkeypatch.setattr(Analytic, "prepare", lambda *_: {"notes": ["2 files are not used"]})
    assert run_tuner(study_file(tmp_path), "--results", tmp_path / "results") == 0
    assert "2 files are not used\n" in capsys.readouterr().err
    with Records.open(tmp_path / "results" / "toy") as records:
        assert "notes" not in records.info


@pytest.mark.parametrize(
    ("number", "raised"), [(None, KeyboardInterrupt), (2, KeyboardInterrupt), (15, SystemExit)]
)
def test_a_script_that_is_told_to_end_ends(
    tmp_path: Path, number: int | None, raised: type[BaseException]
) -> None:
    """After Ctrl-C a notebook goes on, and a script that searches says where it was."""
    with pytest.raises(raised) as caught:
        Study(tmp_path)._checked(RunResult(tmp_path, "interrupted", 3, number))
    if isinstance(caught.value, SystemExit):
        assert caught.value.code == 143
