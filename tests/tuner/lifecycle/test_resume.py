"""A study that exists: finished, interrupted, extended, with more time."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.lifecycle.toy import Toy, curves, states
from tests.tuner.simulated import (
    SimulatedEngine,
    history,
    run_tuner,
    trained,
)
from tuner.analysis.program import program_here
from tuner.records import Records, TrialState

ASHA = {"type": "asha", "grace_period": 2, "mode": "stop"}
PROMOTE = ASHA | {"mode": "promote"}


def no_epoch_twice(folder: Path) -> bool:
    return len(trained(folder)) == len(set(trained(folder)))


class TestFinished:
    def test_says_so_and_trains_nothing(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        assert toy.run() == 0
        before = history(toy.folder), trained(toy.folder)
        capsys.readouterr()
        assert toy.run("--resume") == 0
        shown = capsys.readouterr()
        assert "nothing was run: the study is finished; add trials with --extend N" in shown.err
        assert "best" in shown.out, "the table is shown again"
        assert (history(toy.folder), trained(toy.folder)) == before
        assert engine.runs == 1, "no worker was started"

    def test_a_second_run_is_refused(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        toy.run()
        assert toy.run() == 2
        error = capsys.readouterr().err
        assert all(way in error for way in ("--resume", "--extend", "--name", "delete"))

    def test_extended(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        toy = Toy(tmp_path)
        toy.run()
        before = history(toy.folder)[0]
        assert toy.run("--extend", 3) == 0
        assert toy.run("--extend", 2) == 0
        trials = history(toy.folder)[0]
        assert trials[:6] == before
        assert len(trials) == 11
        assert no_epoch_twice(toy.folder)

    def test_extended_equals_a_larger_budget(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        whole, toy = Toy(tmp_path / "whole", budget={"trials": 16}), Toy(tmp_path)
        whole.run()
        toy.run()
        toy.run("--extend", 10)
        assert history(toy.folder) == history(whole.folder)

    def test_nothing_is_left_of_a_used_up_space(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path, search={"kind": {"choice": ["a", "b"]}, "depth": {"choice": [1, 2]}})
        assert toy.run() == 0
        assert "every setting of the space has been tried" in capsys.readouterr().err
        assert len(history(toy.folder)[0]) == 4
        assert toy.run("--extend", 5) == 0
        assert "every setting of the space has been tried" in capsys.readouterr().err
        assert len(history(toy.folder)[0]) == 4


class TestMoreEpochs:
    @pytest.mark.parametrize("scheduler", [{"type": "none"}, ASHA, PROMOTE], ids=str)
    def test_trials_that_ended_at_the_old_end_go_on(
        self, tmp_path: Path, engine: SimulatedEngine, scheduler: dict[str, Any]
    ) -> None:
        toy = Toy(tmp_path, scheduler=scheduler, budget={"trials": 9}, workers=3)
        toy.run()
        before, ended = curves(toy.folder), states(toy.folder)
        assert toy.run("--extend", 2, "--set", "objective.max_epochs=20") == 0
        after = curves(toy.folder)
        assert after.items() >= before.items()
        assert no_epoch_twice(toy.folder), "from their checkpoints"
        now = states(toy.folder)
        assert set(now.values()) <= {
            (TrialState.COMPLETE, "max_epochs"),
            (TrialState.STOPPED, "scheduler"),
        }
        longest = {
            name: max(epoch for number, epoch in after if number == place)
            for place, name in enumerate(now)
        }
        complete = {name for name, end in now.items() if end[0] is TrialState.COMPLETE}
        assert {longest[name] for name in complete} == {20}
        if scheduler["type"] == "none":
            assert complete == set(now)
        else:
            assert complete & {n for n, end in ended.items() if end[0] is TrialState.COMPLETE}

    def test_not_without_extending(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        toy.run()
        assert toy.run("--resume", "--set", "objective.max_epochs=20") == 2
        assert "objective.max_epochs: 9 -> 20" in capsys.readouterr().err

    def test_later_runs_keep_to_them(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        toy = Toy(tmp_path)
        toy.run()
        assert toy.run("--extend", 0, "--set", "objective.max_epochs=12") == 0
        assert toy.run("--extend", 1) == 0, "under the same options as the run before"
        assert max(epoch for number, epoch in curves(toy.folder) if number == 6) == 12

    def test_interrupted_trials_have_them_too(
        self, tmp_path: Path, engine: SimulatedEngine
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 13
        assert toy.run() == 130
        engine.epochs = None
        assert toy.run("--extend", 0, "--set", "objective.max_epochs=11") == 0
        assert len(curves(toy.folder)) == 6 * 11
        assert no_epoch_twice(toy.folder)


class TestInterrupted:
    def test_its_own_study_file_is_enough(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        options = ("--set", "search.kind=null", "--trials", 4, "--set", "sampler.seed=5")
        whole, toy = Toy(tmp_path / "whole"), Toy(tmp_path)
        assert whole.run(*options) == 0
        engine.epochs = 14
        assert toy.run(*options) == 130
        toy.file.unlink()
        moved = tmp_path / "elsewhere" / "other"
        shutil.copytree(toy.folder, moved)
        shutil.rmtree(tmp_path / "results")
        engine.epochs = None
        assert run_tuner(moved / "study.yaml", "--resume") == 0
        assert history(moved) == history(whole.folder)
        assert no_epoch_twice(moved)

    def test_the_original_file_serves_with_the_options_that_were_given(
        self, tmp_path: Path, engine: SimulatedEngine
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 5
        assert toy.run("--set", "search.kind=null", "--trials", 3) == 130
        assert {end[0] for end in states(toy.folder).values()} == {TrialState.INTERRUPTED}
        engine.epochs = None
        assert toy.run("--resume") == 0
        assert len(states(toy.folder)) == 3
        assert all(trial[4].keys() == {"x", "y"} for trial in history(toy.folder)[0])

    def test_the_printed_command_goes_on(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 5
        toy.run("--name", "mine")
        folder = toy.folder.with_name("mine")
        printed = program_here().command("tuner.run", folder / "study.yaml", "--resume")
        assert f"resume   {printed}" in capsys.readouterr().err
        engine.epochs = None
        command = (folder / "study.yaml",)
        assert run_tuner(*command, "--resume") == 0
        assert len(states(folder)) == 6


class TestFailed:
    def test_they_are_run_again_in_their_places_if_asked_for(
        self, tmp_path: Path, engine: SimulatedEngine
    ) -> None:
        """Such as after a fault of a disk, or of one's own code that is mended now."""
        sections: dict[str, Any] = {"sampler": {"type": "random"}, "retries": 0}
        fault = {"fail_at": 3, "fail_once": True, "fault_above": 0.5}
        whole = Toy(tmp_path / "whole", **sections)
        toy = Toy(tmp_path, **sections, objective=fault, baselines={"b": {"set": {"x": 0.9}}})
        whole.run("--set", "baselines={b: {set: {x: 0.9}}}")
        assert toy.run() == 0
        failed = {name for name, end in states(toy.folder).items() if end[0] == "failed"}
        assert 1 < len(failed) < 6
        assert "b" in failed
        assert toy.run("--resume") == 0
        assert {name for name, end in states(toy.folder).items() if end[0] == "failed"} == failed
        assert toy.run("--retry-failed") == 0
        assert history(toy.folder) == history(whole.folder)
        assert len(trained(toy.folder)) == 7 * 9 + 3 * len(failed), "three epochs of each, again"
        with Records.open(toy.folder) as records:
            assert not any(trial.error or trial.traceback for trial in records.trials())
        assert toy.run("--retry-failed") == 0, "there are none"

    def test_they_take_time(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path, retries=0, objective={"seconds_per_epoch": 60.0, "fail_at": 3})
        toy.run("--max-time", "2m")
        assert toy.run("--retry-failed") == 2
        assert "to retry trials, give it a larger --max-time" in capsys.readouterr().err


class TestTime:
    def test_it_stops_what_runs_and_more_of_it_goes_on(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path, objective={"seconds_per_epoch": 60.0}, budget={"trials": 3})
        assert toy.run("--max-time", "14m") == 0
        assert list(states(toy.folder).values()) == [
            (TrialState.COMPLETE, "max_epochs"),
            (TrialState.STOPPED, "budget"),
        ]
        runs = engine.runs
        assert toy.run("--resume") == 0
        assert "the time budget is used up; give it a larger --max-time" in capsys.readouterr().err
        assert states(toy.folder)["T001"] == (TrialState.STOPPED, "budget"), "as it was"
        assert engine.runs == runs
        assert toy.run("--resume", "--max-time", "2h") == 0
        assert set(states(toy.folder).values()) == {(TrialState.COMPLETE, "max_epochs")}
        assert len(states(toy.folder)) == 3
        assert no_epoch_twice(toy.folder)

    def test_adding_trials_needs_time(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path, objective={"seconds_per_epoch": 60.0})
        toy.run("--max-time", "14m")
        before = history(toy.folder)
        assert toy.run("--extend", 5) == 2
        assert "larger --max-time" in capsys.readouterr().err
        assert history(toy.folder) == before
        with Records.open(toy.folder) as records:
            assert records.info["budget"]["trials"] == 6

    def test_alone_it_bounds_a_study(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        toy = Toy(tmp_path, objective={"seconds_per_epoch": 60.0}, budget={"wall_clock": "1h"})
        assert toy.run() == 0
        assert len(curves(toy.folder)) in (58, 59, 60)
        assert toy.run("--resume", "--max-time", "2h") == 0
        assert len(curves(toy.folder)) in (118, 119, 120)
        assert no_epoch_twice(toy.folder)
