"""A study that exists: finished, interrupted, extended, changed, moved, damaged."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sr_models.commands import Run
from tests.tuner.simulated import (
    SEARCH,
    SimulatedEngine,
    history,
    run_tuner,
    study_file,
    trained,
)
from tuner.analysis.program import program_here
from tuner.records import Records, TrialState

ASHA = {"type": "asha", "grace_period": 2, "mode": "stop"}
PROMOTE = ASHA | {"mode": "promote"}


def states(folder: Path) -> dict[str, tuple[TrialState, str | None]]:
    with Records.open(folder) as records:
        return {trial.name: (trial.state, trial.reason) for trial in records.trials()}


def curves(folder: Path) -> dict[tuple[int, int], float]:
    return {key: metrics["validation/psnr"] for key, metrics in history(folder)[1].items()}


def no_epoch_twice(folder: Path) -> bool:
    return len(trained(folder)) == len(set(trained(folder)))


class Toy:
    """A study file, and where its results land."""

    def __init__(self, root: Path, **sections: Any) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.file = study_file(root, **({"workers": 1, "budget": {"trials": 6}} | sections))
        self.folder = root / "results" / "toy"

    def run(self, *options: object) -> int:
        return run_tuner(self.file, "--results", self.root / "results", *options)


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


class TestOtherSettings:
    def test_harmless_ones_go_on_and_are_told(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 5
        toy.run()
        engine.epochs = None
        capsys.readouterr()
        assert toy.run("--resume", "--workers", 2, "--set", "description=mine") == 0
        error = capsys.readouterr().err
        assert "changed: workers: 1 -> 2" in error
        assert "changed: description: (not set) -> mine" in error

    def test_others_are_named_one_by_one(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 5
        toy.run()
        engine.epochs = None
        before = history(toy.folder)
        changes = ("--set", "objective.noise=0.1", "--set", "search.x.high=0.5")
        assert toy.run("--resume", "--workers", 2, *changes) == 2
        error = capsys.readouterr().err
        assert "objective.noise: 0.05 -> 0.1" in error
        assert "search.x.high: 1.0 -> 0.5" in error
        assert "workers" not in error
        assert history(toy.folder) == before
        assert toy.run("--resume", *changes, "--force") == 0
        assert len(states(toy.folder)) == 6

    def test_a_study_file_edited_by_hand_is_found_out(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 5
        toy.run()
        engine.epochs = None
        own = toy.folder / "study.yaml"
        document = yaml.safe_load(own.read_text())
        own.write_text(yaml.safe_dump(document | {"retries": 3}))
        assert run_tuner(own, "--resume", "--trials", 2) == 0, "harmless"
        document["search"]["y"]["low"] = 0.25
        own.write_text(yaml.safe_dump(document))
        assert run_tuner(own, "--extend", 1) == 2
        assert "search.y.low: 0.0 -> 0.25" in capsys.readouterr().err
        own.write_text("study: [toy")
        assert run_tuner(own, "--resume") == 2
        assert "study.yaml" in capsys.readouterr().err
        assert toy.run("--extend", 1) == 0, "the original file still serves"
        assert yaml.safe_load(own.read_text())["search"] == SEARCH

    def test_other_data(
        self,
        tmp_path: Path,
        engine: SimulatedEngine,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        toy = Toy(tmp_path)
        engine.epochs = 5
        toy.run()
        engine.epochs = None
        monkeypatch.setattr(
            "tuner.objectives.analytic.OBJECTIVE.prepare",
            lambda *_: {"data": {"fingerprint": "others", "train": 7, "validation": 2}},
        )
        assert toy.run("--resume") == 2
        assert "7 + 2 images now" in capsys.readouterr().err
        assert toy.run("--resume", "--force") == 0


DAMAGES = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "overwritten": lambda content: content[:5000] + b"\xaa" * 9000 + content[14000:],
    "something else": lambda content: b"not a database" * 999,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_study_is_said_to_be(
    tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    toy = Toy(tmp_path)
    engine.epochs = 20
    toy.run()
    file = toy.folder / "study.db"
    damaged = DAMAGES[damage](file.read_bytes())
    file.write_bytes(damaged)
    capsys.readouterr()
    assert toy.run("--resume") == 2
    error = capsys.readouterr().err
    assert "study.db" in error
    assert "damaged or not a study" in error
    assert "Traceback" not in error
    assert file.read_bytes() == damaged, "left as it is, for who can save it"


class TestNew:
    def test_one_that_came_to_nothing_can_be_run_again(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path, warm_start=[str(tmp_path / "nowhere")])
        assert toy.run() == 2
        assert f"there is no study {tmp_path / 'nowhere'}" in capsys.readouterr().err
        assert toy.run("--set", "warm_start=[]") == 0

    def test_what_a_run_that_was_killed_at_its_start_has_left_is_no_hindrance(
        self, tmp_path: Path, engine: SimulatedEngine
    ) -> None:
        toy = Toy(tmp_path)
        (toy.folder / "trials").mkdir(parents=True)
        for name in ("study.lock", "study.db.part", "study.db.part-journal", ".study.yaml.1.part"):
            (toy.folder / name).write_text("half")
        assert toy.run() == 0

    def test_what_is_not_ours_is_left_alone(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        toy.folder.mkdir(parents=True)
        (toy.folder / "thesis.tex").write_text("years of work")
        assert toy.run() == 2
        assert "is not a study" in capsys.readouterr().err
        assert [path.name for path in toy.folder.iterdir()] == ["thesis.tex"]

    def test_only_baselines(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        toy = Toy(tmp_path, budget={"trials": 0}, baselines={"AS-1": {"set": {"x": 0.1}}})
        assert toy.run() == 0
        assert list(states(toy.folder)) == ["AS-1"]
        assert toy.run("--resume") == 0
        assert toy.run("--extend", 1) == 0
        assert list(states(toy.folder)) == ["AS-1", "T001"]


class TestAnotherGoal:
    def test_a_metric_that_was_changed_is_used_everywhere(
        self,
        report: Run,
        tmp_path: Path,
        engine: SimulatedEngine,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        toy = Toy(tmp_path)
        assert toy.run() == 0
        change = ("--extend", 2, "--set", "metric=train/loss")
        assert toy.run(*change) == 2
        assert "metric: validation/psnr -> train/loss" in capsys.readouterr().err
        assert toy.run(*change, "--force") == 0
        assert "train/loss" in capsys.readouterr().out
        with Records.open(toy.folder) as records:
            assert records.info["metrics"] == ["train/loss"]
            assert records.info["directions"] == ["minimize"]
            lowest = min((e.metrics["train/loss"], e.trial) for e in records.epochs())
            names = {trial.number: trial.name for trial in records.trials()}
        document = json.loads(report(toy.folder, "--format", "json").stdout)
        assert document["metric"] == "train/loss"
        assert document["trials"][0]["trial"] == names[lowest[1]]
        assert (toy.folder / "study.yaml").read_text().count("metric: train/loss") == 1

    def test_from_one_metric_to_two(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        assert toy.run() == 0
        two = ("--set", "metric=[validation/psnr, parameters]", "--set", "sampler.type=nsga2")
        assert toy.run("--extend", 2, *two, "--force") == 0
        with Records.open(toy.folder) as records:
            assert records.info["metrics"] == ["validation/psnr", "parameters"]
            assert records.info["directions"] == ["maximize", "minimize"]
            assert len(records.trials()) == 8

    def test_another_objective_is_refused_before_anything_is_written(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        toy = Toy(tmp_path)
        assert toy.run() == 0
        before = {file: file.read_bytes() for file in toy.folder.glob("study.*")}
        toy.file.write_text("study: toy\nobjective: {data: {size: 8}}\n")
        assert toy.run("--extend", 2, "--force") == 2
        error = capsys.readouterr().err
        assert "tunes analytic, this file super_resolution" in error
        assert "Traceback" not in error
        assert {file: file.read_bytes() for file in toy.folder.glob("study.*")} == before
