"""A study that exists, and something is not as it was: its file, data, goal, or its records."""

import json
from pathlib import Path

import pytest
import yaml

from tests.sr_models.commands import Run
from tests.tuner.lifecycle.toy import Toy, states
from tests.tuner.simulated import (
    SEARCH,
    SimulatedEngine,
    history,
    run_tuner,
)
from tuner.records import Records


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

    def test_another_sampler_goes_on_with_what_is_known(
        self, tmp_path: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It says what is tried, not how results compare."""
        toy = Toy(tmp_path)
        toy.run()
        before = history(toy.folder)
        options = ("--set", "sampler={type: nsga2, population: 2}")
        assert toy.run("--extend", 4, *options) == 0
        assert "changed: sampler.type: tpe -> nsga2" in capsys.readouterr().err
        after = history(toy.folder)
        assert after[0][:6] == before[0]
        assert len(after[0]) == 10
        other = Toy(tmp_path / "other")
        other.run()
        other.run("--extend", 4)
        assert history(other.folder)[0][6:] != after[0][6:]

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
        assert "tunes analytic, and this file super_resolution" in error
        assert "Traceback" not in error
        assert {file: file.read_bytes() for file in toy.folder.glob("study.*")} == before
