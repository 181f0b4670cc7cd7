"""What is learned from earlier studies of the same space."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import SimulatedEngine, history, run_tuner, study_file
from tuner.records import Records

SECTIONS: dict[str, Any] = {
    "workers": 1,
    "sampler": {"type": "tpe", "startup_trials": 10},
    "scheduler": {"type": "asha", "mode": "stop"},
}


def run(file: Path, *options: object) -> int:
    return run_tuner(file, "--results", file.parent / "results", *options)


@pytest.fixture
def earlier(tmp_path: Path, engine: SimulatedEngine) -> Path:
    """A study of 20 trials, some of them stopped."""
    root = tmp_path / "earlier"
    root.mkdir()
    assert run(study_file(root, **SECTIONS, budget={"trials": 20})) == 0
    return root / "results" / "toy"


def study(root: Path, *folders: Path, **sections: Any) -> tuple[Path, Path]:
    root.mkdir()
    given = SECTIONS | {"budget": {"trials": 8}, "warm_start": [str(one) for one in folders]}
    return study_file(root, **(given | sections)), root / "results" / "toy"


def test_it_changes_what_is_proposed_from_the_first_trial_on(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path
) -> None:
    warm, folder = study(tmp_path / "warm", earlier)
    cold, other = study(tmp_path / "cold")
    assert run(warm) == run(cold) == 0
    assert history(folder)[0][0][4] != history(other)[0][0][4]
    tried = {tuple(sorted(trial[4].items())) for trial in history(earlier)[0]}
    assert not tried & {tuple(sorted(trial[4].items())) for trial in history(folder)[0]}


def test_an_interrupted_study_needs_the_earlier_one_no_more(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path
) -> None:
    whole, folder = study(tmp_path / "whole", earlier)
    cut, other = study(tmp_path / "cut", earlier)
    assert run(whole) == 0
    engine.epochs = 10
    assert run(cut) == 130
    engine.epochs = None
    shutil.rmtree(earlier)
    assert run(cut, "--resume") == 0
    assert history(other) == history(folder)


def test_stopped_trials_are_known_as_such(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path
) -> None:
    file, folder = study(tmp_path / "warm", earlier)
    run(file)
    with Records.open(folder) as records:
        (learned,) = [event for event in records.events() if event.kind == "learned"]
    found = {trial["state"] for trial in learned.data["trials"]}
    assert found == {"complete", "stopped"}


def test_values_must_be_comparable(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, _ = study(tmp_path / "warm", earlier, metric="validation/loss")
    assert run(file) == 2
    error = capsys.readouterr().err
    assert "was searched for validation/psnr, this study for validation/loss" in error
