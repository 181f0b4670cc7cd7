"""What is learned from earlier studies of the same space."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tuner
from tests.tuner.simulated import (
    SimulatedEngine,
    confirm_tuner,
    history,
    run_tuner,
    study_file,
)
from tuner.records import EventKind, Records

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


def test_repeats_of_the_best_are_not_learned_as_further_trials(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path
) -> None:
    assert confirm_tuner(earlier, "--top", 2, "--seeds", 3) == 0
    file, folder = study(tmp_path / "warm", earlier)
    assert run(file) == 0
    with Records.open(folder) as records:
        (learned,) = [event for event in records.events() if event.kind == "learned"]
    found = [trial["params"] for trial in learned.data["trials"]]
    assert found == [trial[4] for trial in history(earlier)[0] if trial[1] == "search"]
    assert len(found) == 20


def test_a_study_is_not_learned_twice(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link").symlink_to(earlier)
    file, folder = study(tmp_path / "warm", earlier, tmp_path / "link")
    assert run(file) == 2
    assert f"warm_start: {tmp_path / 'link'} is named twice" in capsys.readouterr().err
    assert not folder.exists()


def test_values_must_be_comparable(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, _ = study(tmp_path / "warm", earlier, metric="validation/loss")
    assert run(file) == 2
    error = capsys.readouterr().err
    assert "was searched for validation/psnr, this study for validation/loss" in error


def test_it_must_be_the_same_space_and_nothing_is_made_where_it_is_not(
    tmp_path: Path, engine: SimulatedEngine, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, folder = study(tmp_path / "other", earlier, search={"x": {"low": 0.0, "high": 0.5}})
    for options in [(), ("--dry-run",)]:
        assert run(other, *options) == 2
        error = capsys.readouterr().err
        assert f"warm_start: {earlier} searched another space (" in error
        assert "search.x.high: 1.0 -> 0.5" in error
        assert not folder.exists()
    missing, folder = study(tmp_path / "missing", tmp_path / "nothing")
    assert run(missing) == 2
    assert f"warm_start: there is no study {tmp_path / 'nothing'}" in capsys.readouterr().err
    assert not folder.exists()


SMALL = {"search": {"kind": {"choice": ["a", "b"]}, "x": {"choice": [0.2, 0.4]}}}


@pytest.fixture
def used_up(tmp_path: Path, engine: SimulatedEngine) -> Path:
    """A study that has tried all four settings of its space."""
    root = tmp_path / "used-up"
    root.mkdir()
    assert run(study_file(root, **SECTIONS, **SMALL)) == 0
    return root / "results" / "toy"


def test_what_was_tried_with_other_settings_is_tried_again(
    tmp_path: Path, used_up: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = {"type": "analytic", "max_epochs": 9, "depth": 4}
    file, folder = study(tmp_path / "warm", used_up, **SMALL, objective=toy)
    assert run(file) == 0
    assert "had other settings, so its values differ (objective.depth" in capsys.readouterr().err
    with Records.open(folder) as records:
        assert len([trial for trial in records.trials() if trial.kind == "search"]) == 4


def test_what_breaks_a_constraint_is_known_to(
    tmp_path: Path, used_up: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kind b has too many parameters: all that is left was tried before."""
    bound = {"parameters": {"max": 2000}}
    file, folder = study(tmp_path / "warm", used_up, **SMALL, constraints=bound)
    assert run(file) == 1
    said = capsys.readouterr()
    assert "nothing was run: every setting of the space has been tried; widen" in said.err
    assert "--extend" not in said.err + said.out
    with Records.open(folder) as records:
        assert not [trial for trial in records.trials() if trial.kind == "search"]
        assert not [event for event in records.events() if event.kind == "infeasible"]


def test_settings_that_keep_a_relaxed_constraint_are_tried(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file, folder = study(tmp_path / "s", **SMALL, constraints={"parameters": {"max": 2000}})
    assert run(file) == 0
    relaxed = ["--resume", "--force", "--set", "constraints.parameters.max=100000"]
    assert run(file, *relaxed) == 0
    with Records.open(folder) as records:
        kinds = [trial.params["kind"] for trial in records.trials() if trial.kind == "search"]
    assert sorted(kinds) == ["a", "a", "b", "b"]


def test_code_that_lives_in_a_notebook_learns_from_its_earlier_study(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    """It cannot be imported to read that study, but it is what is searched now."""

    def local(params: dict[str, Any], trial: tuner.Trial) -> Iterator[dict[str, float]]:
        yield {"loss": (params["x"] - 0.3) ** 2}

    def search(name: str, *earlier: Path) -> tuner.Study:
        return tuner.search(
            local, {"x": tuner.Float(0, 1)}, tuner.Metric("loss", "minimize"), trials=3, workers=1,
            name=name, results=tmp_path, warm_start=earlier, quiet=True,
        )  # fmt: skip

    first = search("first")
    with Records.open(search("second", first.folder).folder) as records:
        learned = [event for event in records.events() if event.kind is EventKind.LEARNED]
    assert [trial["params"] for trial in learned[0].data["trials"]] == [
        trial[4] for trial in history(first.folder)[0]
    ]
