"""A time budget, shared between the baselines and what the sampler proposes."""

from pathlib import Path

import pytest

from tests.in_process import call
from tests.tuner.simulated import SimulatedEngine, history, run_tuner, study_file
from tuner.analysis.commands import Commands
from tuner.analysis.comparison import compare
from tuner.analysis.outcome import outcome_lines
from tuner.analysis.snapshot import open_snapshot
from tuner.records import Records, TrialKind, TrialState

BASELINES = {f"B{number}": {"set": {"x": number / 10}} for number in range(5)}
EPOCHS = 9
MINUTES = {"objective": {"seconds_per_epoch": 60.0, "max_epochs": EPOCHS}}


def study(folder: Path, *options: object, trials: int | None = 3, workers: int = 1) -> Path:
    """Run five baselines and some proposals, of 9 minutes each; returns the results folder."""
    file = study_file(
        folder, baselines=BASELINES, budget={"trials": trials}, workers=workers, **MINUTES
    )
    assert run_tuner(file, "--results", folder, *options) == 0
    return folder / "toy"


def names(folder: Path) -> list[str]:
    """The trials in the order in which they started."""
    return [trial[0] for trial in history(folder)[0]]


def told(folder: Path) -> dict[str, str]:
    with Records.open(folder) as records:
        comparison = compare(records)
        return dict(outcome_lines(comparison.studies[0], comparison))


def test_baselines_do_not_take_it_all(tmp_path: Path, engine: SimulatedEngine) -> None:
    """Without a share for proposals, the budget would end under the fourth baseline."""
    folder = study(tmp_path, "--max-time", "30m")
    assert names(folder) == ["B0", "B1", "T002", "T003"]
    assert told(folder)["not run"] == "baselines B2, B3, B4; 1 of 3 proposals"


def test_baselines_that_waited_run_after_the_proposals(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    folder = study(tmp_path, "--max-time", "1h10m")
    assert names(folder) == ["B0", "B1", "B2", "B3", "T004", "T005", "T006", "B4"]
    assert "not run" not in told(folder), "B4 was cut off by the budget, but it was tried"


def test_time_enough_for_all_leaves_the_baselines_first(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    folder = study(tmp_path, "--max-time", "10h")
    assert names(folder) == ["B0", "B1", "B2", "B3", "B4", "T005", "T006", "T007"]
    assert "not run" not in told(folder)


def test_a_resumed_study_has_used_what_it_has_used(tmp_path: Path, engine: SimulatedEngine) -> None:
    engine.epochs = EPOCHS + 3  # interrupted under the second baseline, after 12 minutes
    file = study_file(tmp_path, baselines=BASELINES, budget={"trials": 3}, workers=1, **MINUTES)
    command = (file, "--results", tmp_path)
    assert run_tuner(*command, "--max-time", "30m") == 130
    engine.epochs = None
    assert run_tuner(*command, "--resume") == 0
    assert names(tmp_path / "toy") == ["B0", "B1", "T002", "T003"]
    assert run_tuner(*command, "--resume", "--max-time", "10h") == 0
    assert names(tmp_path / "toy") == ["B0", "B1", "T002", "T003", "B2", "B3", "B4", "T007"]


def test_with_time_as_the_only_limit_every_second_half_is_for_proposals(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    folder = study(tmp_path, "--max-time", "30m", trials=None, workers=2)
    with Records.open(folder) as records:
        kinds = [trial.kind for trial in records.trials()]
    assert kinds == [TrialKind.BASELINE] * 4 + [TrialKind.SEARCH] * 4
    assert told(folder)["not run"] == "baseline B4"


def test_the_command_that_is_offered_then_gives_it_more_time(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    """`--extend` alone would be refused: no time is left to run what it adds."""
    folder = study(tmp_path, "--max-time", "30m")
    before = names(folder)
    offered = Commands(open_snapshot(folder)).more()
    assert offered is not None
    assert offered[1].endswith("--resume --max-time 60m")
    assert call(offered[1]) == 0
    assert names(folder)[: len(before)] == before
    assert len(names(folder)) > len(before)


def test_confirming_is_no_part_of_the_budget(
    tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study(tmp_path, "--max-time", "30m", "--set", "confirm={top: 1, seeds: 2}")
    assert sum("-seed" in name for name in names(folder)) == 1


def test_fewer_trials_hold_when_a_study_is_resumed_with_them(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    """What is unfinished goes on, nothing new is proposed, and later runs keep to it."""
    engine.epochs = 3 * EPOCHS + 3  # interrupted under the second proposal
    file = study_file(tmp_path, budget={"trials": 16}, workers=1, **MINUTES)
    command = (file, "--results", tmp_path)
    assert run_tuner(*command) == 130
    begun = names(tmp_path / "toy")
    engine.epochs = None
    assert run_tuner(*command, "--resume", "--trials", "2") == 0
    assert names(tmp_path / "toy") == begun
    with Records.open(tmp_path / "toy") as records:
        states = {trial.state for trial in records.trials()}
    assert states <= {TrialState.COMPLETE, TrialState.STOPPED}
    assert run_tuner(*command, "--resume") == 0
    assert names(tmp_path / "toy") == begun
    assert run_tuner(*command, "--extend", "1") == 0
    assert len(names(tmp_path / "toy")) == len(begun) + 1


def test_so_do_fewer_in_an_edited_file_but_not_its_number_before_an_extension(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    def proposed(*options: str, trials: int, epochs: int | None = None) -> int:
        engine.epochs = epochs
        file = study_file(tmp_path, budget={"trials": trials}, objective={"max_epochs": 1})
        assert run_tuner(file, "--results", tmp_path, *options, "--workers", "1") in (0, 130)
        return len(names(tmp_path / "toy"))

    assert proposed(trials=8, epochs=2) < 4
    assert proposed("--resume", trials=4) == 4
    assert proposed("--extend", "3", trials=4, epochs=1) < 7
    assert proposed("--resume", trials=4) == 7
