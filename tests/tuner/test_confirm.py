"""Repeats of the best trials: not lost when they are cut off, and no part of the search."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import (
    SimulatedEngine,
    confirm_tuner,
    history,
    run_tuner,
    study_file,
    trained,
)
from tuner.objectives.metric import Metric
from tuner.records import Records, TrialKind, TrialState


def toy(root: Path, **sections: Any) -> tuple[Path, Path]:
    """A study file and its results folder, after the study has run."""
    root.mkdir(exist_ok=True)
    given = {"workers": 1, "budget": {"trials": 6}, "scheduler": {"type": "asha"}}
    file = study_file(root, **(given | sections))
    return file, root / "results" / "toy"


def run(file: Path, *options: object) -> int:
    return run_tuner(file, "--results", file.parent / "results", *options)


def kinds(folder: Path) -> dict[str, tuple[TrialKind, TrialState]]:
    with Records.open(folder) as records:
        return {trial.name: (trial.kind, trial.state) for trial in records.trials()}


def repeats(folder: Path) -> dict[str, TrialState]:
    return {name: one[1] for name, one in kinds(folder).items() if one[0] is TrialKind.CONFIRM}


def test_the_best_are_trained_to_their_end_under_other_seeds(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file, folder = toy(tmp_path)
    run(file)
    assert confirm_tuner(folder, "--top", 2, "--seeds", 3) == 0
    assert len(repeats(folder)) == 4
    assert set(repeats(folder).values()) == {TrialState.COMPLETE}
    trials, epochs = history(folder)
    for number, (name, kind, _, _, params) in enumerate(trials):
        if kind is TrialKind.CONFIRM:
            origin, _, seed = name.partition("-seed")
            assert params == {**next(t[4] for t in trials if t[0] == origin), "seed": int(seed)}
            assert (number, 9) in epochs, "no scheduler stops it"


def test_again_it_has_nothing_to_do(
    tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = toy(tmp_path)
    run(file)
    confirm_tuner(folder, "--top", 1, "--seeds", 3)
    before = trained(folder)
    assert confirm_tuner(folder, "--top", 1, "--seeds", 3) == 0
    assert "all repeats have been trained already" in capsys.readouterr().err
    assert trained(folder) == before


@pytest.mark.parametrize("command", ["run --resume", "confirm"])
def test_cut_off_it_is_gone_on_with(
    tmp_path: Path,
    engine: SimulatedEngine,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    file, folder = toy(tmp_path)
    run(file)
    search = len(kinds(folder))
    engine.epochs = 13
    capsys.readouterr()
    assert confirm_tuner(folder, "--top", 2, "--seeds", 3) == 130
    assert "--top 2 --seeds 3\n" in capsys.readouterr().err
    assert list(repeats(folder).values()) == [TrialState.COMPLETE, TrialState.INTERRUPTED]
    engine.epochs = None
    if command == "confirm":
        assert confirm_tuner(folder, "--top", 2, "--seeds", 3) == 0
        assert len(repeats(folder)) == 4
    else:
        assert run(file, "--resume") == 0
        assert len(repeats(folder)) == 2
    assert set(repeats(folder).values()) == {TrialState.COMPLETE}
    assert len(kinds(folder)) == search + len(repeats(folder)), "none became a search"
    assert len(trained(folder)) == len(set(trained(folder)))


def test_asked_for_in_the_study_file_it_comes_last_and_is_not_lost(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file, folder = toy(tmp_path, confirm={"top": 2, "seeds": 2}, budget={"trials": 3})
    assert run(file) == 0
    assert len(repeats(folder)) == 2
    file, folder = toy(tmp_path / "cut", confirm={"top": 2, "seeds": 2}, budget={"trials": 3})
    runs = engine.runs

    def cut_confirmation(study: Any, share: Any, **more: Any) -> str:
        engine.epochs = 4 if engine.runs > runs else None
        return engine(study, share, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tuner.executors.ray.run.run_on_ray", cut_confirmation)
        assert run(file) == 130
    assert list(repeats(folder).values()) == [TrialState.INTERRUPTED]
    engine.epochs = None
    assert run(file, "--resume") == 0
    assert list(repeats(folder).values()) == [TrialState.COMPLETE] * 2


def test_what_the_search_left_unfinished_stays_so(tmp_path: Path, engine: SimulatedEngine) -> None:
    """Neither an interrupted trial nor one that waits for its promotion is trained on."""
    promote = {"type": "asha", "grace_period": 1, "mode": "promote", "reduction_factor": 3}
    file, folder = toy(tmp_path, scheduler=promote)
    engine.epochs = 8
    assert run(file) == 130
    before = kinds(folder), history(folder)[1]
    engine.epochs = None
    assert confirm_tuner(folder, "--top", 1, "--seeds", 2) == 0
    after = kinds(folder), history(folder)[1]
    assert len(repeats(folder)) == 1
    assert {name: one for name, one in after[0].items() if name in before[0]} == before[0]
    assert {key: row for key, row in after[1].items() if key in before[1]} == before[1]
    assert len(after[1]) == len(before[1]) + 9


def test_the_search_goes_on_as_if_nothing_had_been_confirmed(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file, folder = toy(tmp_path / "confirmed", budget={"trials": 12})
    other, plain = toy(tmp_path / "plain", budget={"trials": 12})
    for one in (file, other):
        run(one)
    confirm_tuner(folder, "--top", 3, "--seeds", 4)
    for one in (file, other):
        assert run(one, "--extend", 8) == 0
    searched = [
        [trial[1:] for trial in history(one)[0] if trial[1] is not TrialKind.CONFIRM]
        for one in (folder, plain)
    ]
    assert searched[0] == searched[1]


def test_its_time_is_not_the_searchs(tmp_path: Path, engine: SimulatedEngine) -> None:
    file, folder = toy(tmp_path, objective={"seconds_per_epoch": 60.0})
    assert run(file, "--max-time", "2h") == 0
    assert confirm_tuner(folder, "--top", 2, "--seeds", 15) == 0
    assert run(file, "--extend", 1) == 0, "two hours of repeats have not used up its budget"


def test_there_must_be_something_to_confirm(
    tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert confirm_tuner(tmp_path) == 2
    assert "is not a study" in capsys.readouterr().err
    file, folder = toy(tmp_path, objective={"fail_at": 1})
    assert run(file) == 1
    assert confirm_tuner(folder) == 2
    assert "no trial to confirm yet" in capsys.readouterr().err


def test_a_baseline_may_have_the_name_of_a_repeat(tmp_path: Path, engine: SimulatedEngine) -> None:
    """The baseline is no repeat, whatever it is called; the repeat gets another name."""
    near = {"x": 0.3, "y": 0.7, "depth": 4, "kind": "b"}
    far = {"x": 0.9, "y": 0.1, "kind": "a"}
    baselines = {"X": {"set": near}, "x-SEED1": {"set": far}, "X-seed2": {"set": far | {"y": 0.0}}}
    file, folder = toy(tmp_path, baselines=baselines)
    assert run(file) == 0
    assert confirm_tuner(folder, "--top", 1, "--seeds", 4) == 0
    assert repeats(folder) == dict.fromkeys(
        ["X-seed1b", "X-seed2b", "X-seed3"], TrialState.COMPLETE
    )
    params = {name: given for name, _, _, _, given in history(folder)[0]}
    assert params["X-seed2b"] == near | {"seed": 2}
    before = trained(folder)
    assert confirm_tuner(folder, "--top", 1, "--seeds", 4) == 0
    assert trained(folder) == before, "they are known by their settings, and not trained again"


def test_a_repeat_leaves_its_name_to_a_baseline_that_comes_later(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    near = {"x": 0.3, "y": 0.7, "depth": 4, "kind": "b"}
    file, folder = toy(tmp_path, baselines={"X": {"set": near}}, confirm={"top": 1, "seeds": 2})
    assert run(file) == 0
    assert list(repeats(folder)) == ["X-seed1"]
    more = {"X": {"set": near}, "X-seed2": {"set": {"x": 0.9}}}
    toy(tmp_path, baselines=more, confirm={"top": 1, "seeds": 3})
    assert run(file, "--resume", "--force") == 0
    assert list(repeats(folder)) == ["X-seed1", "X-seed2b"]
    assert kinds(folder)["X-seed2"] == (TrialKind.BASELINE, TrialState.COMPLETE)


def test_a_setting_that_two_trials_share_is_repeated_once(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    """Or the same numbers would count twice in the mean."""
    near = {"x": 0.3, "y": 0.7, "depth": 4, "kind": "b"}
    twins = {f"seed-{seed}": {"set": near | {"seed": seed}} for seed in (0, 1)}
    file, folder = toy(tmp_path, baselines=twins)
    run(file)
    assert confirm_tuner(folder, "--top", 2, "--seeds", 3) == 0
    params = [given for _, kind, _, _, given in history(folder)[0] if kind is TrialKind.CONFIRM]
    assert sorted(given["seed"] for given in params) == [1, 2, 3]


def test_repeats_are_scored_on_data_that_nothing_was_chosen_by(
    tmp_path: Path,
    engine: SimulatedEngine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tuner.config import load_study
    from tuner.lifecycle.confirm import repeat_scores

    file, folder = toy(tmp_path)
    asked: list[str] = []

    def score(self: object, config: Any, path: Path, progress: object) -> dict[str, float]:
        asked.append(path.name)
        return {"test/psnr": 30 + config.seed / 1000}

    def test_metrics(self: object, config: Any) -> tuple[Metric, ...]:
        return (Metric("test/psnr", "maximize", "dB", decimals=2),)

    objective = type(load_study(file).objective)
    monkeypatch.setattr(objective, "test", score, raising=False)
    monkeypatch.setattr(objective, "test_metrics", test_metrics, raising=False)
    run(file)
    assert not asked
    assert confirm_tuner(folder, "--top", 1, "--seeds", 3) == 0
    assert set(asked) == repeats(folder).keys()
    assert len(asked) == 2
    printed = capsys.readouterr().out
    for name, scores in repeat_scores(folder).items():
        ((metric, value),) = scores.items()
        assert (metric.name, value) == ("test/psnr", 30 + int(name.partition("-seed")[2]) / 1000)
        assert f"test  {name}: psnr 30.00 dB\n" in printed
    assert confirm_tuner(folder, "--top", 1, "--seeds", 3) == 0
    assert len(asked) == 2, "what has a score is not scored again"
