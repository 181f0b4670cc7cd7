"""Studies of somebody's own code, named in the study file: run, kept, resumed, and refused."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import tuner
from tests.tuner.objectives.test_source import folder  # noqa: F401 - a fixture
from tests.tuner.simulated import SimulatedEngine, confirm_tuner, history, run_tuner
from tuner.config import dump_study, load_study
from tuner.records import Records

CODE = """
import tuner

def train(params, trial):
    place = trial.load() or 10.0
    for _ in range(trial.epoch + 1, 7):
        place -= params["step"]["size"] * 2 * place
        trial.save(place)
        yield {"cruelty": place ** 2, "place": place}

class Config(tuner.Config):
    rate: float = 0.1
    seed: int = 0

class BareConfig(tuner.Config):
    rate: float

class Descent(tuner.Objective):
    config_type = Config
    metrics = (tuner.Metric("cruelty", "minimize"),)

    def train(self, config, trial):
        return train({"step": {"size": config.rate}}, trial)

class Bare(Descent):
    config_type = BareConfig
"""
LONG = f"a word that is no file.{'y' * 5000}"
SCRIPT = """
import json, os, sys
with open(os.environ["TUNER_METRICS"], "a") as file:
    print(json.dumps({"cruelty": float(sys.argv[1])}), file=file)
"""
FUNCTION: dict[str, Any] = {
    "objective": {"type": "descent_code.py:train", "step": {"name": "gradient"}},
    "search": {"step.size": {"low": 0.01, "high": 0.4, "log": True}, "free": {"choice": [1, "b"]}},
    "metric": {"name": "cruelty", "direction": "minimize"},
    "sampler": {"type": "random"},
    "budget": {"trials": 4},
    "workers": 1,
}
CLASS: dict[str, Any] = FUNCTION | {
    "objective": {"type": "descent_code:Descent"},
    "search": {"rate": {"low": 0.01, "high": 0.4}},
    "metric": "cruelty",
}


@pytest.fixture
def place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:  # noqa: F811
    """A project: its code and study file in a folder that is not the current one."""
    project = folder / "project"
    project.mkdir()
    (project / "descent_code.py").write_text(CODE)
    monkeypatch.chdir(folder)
    return project


def write(place: Path, sections: dict[str, Any], **more: Any) -> Path:
    file = place / "own.yaml"
    file.write_text(yaml.safe_dump(sections | more))
    return file


class TestRun:
    @pytest.mark.parametrize("sections", [FUNCTION, CLASS], ids=["function", "class"])
    def test_it_is_searched_and_resumed(
        self, place: Path, engine: SimulatedEngine, sections: dict[str, Any]
    ) -> None:
        file = write(place, sections)
        assert run_tuner(file, "--name", "whole") == 0
        engine.epochs = 9
        assert run_tuner(file, "--name", "cut") == 130
        engine.epochs = None
        assert run_tuner("results/cut/study.yaml", "--resume") == 0
        assert history(Path("results/cut")) == history(Path("results/whole"))
        assert tuner.load_study("results/cut").best.value is not None

    def test_what_is_kept_has_no_absolute_path(self, place: Path, engine: SimulatedEngine) -> None:
        run_tuner(write(place, FUNCTION))
        study = place.parent / "results" / "own"
        assert "type: ../../project/descent_code.py:train" in (study / "study.yaml").read_text()
        with Records.open(study) as records:
            assert str(place.parent) not in str(records.info)

    def test_moved_with_its_code_it_resumes(self, place: Path, engine: SimulatedEngine) -> None:
        run_tuner(write(place, FUNCTION))
        new = place.parent / "elsewhere"
        new.mkdir()
        shutil.move("results", new / "results")
        shutil.move("project", new / "project")
        assert run_tuner(new / "results" / "own" / "study.yaml", "--extend", 1) == 0
        assert len(history(new / "results" / "own")[0]) == 5

    def test_moved_without_it_is_still_read(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run_tuner(write(place, FUNCTION))
        shutil.move("results", place / "deeper")
        study = tuner.load_study(place / "deeper" / "own")
        assert len(study.to_frame()) == 4
        assert study.report().is_file()
        shutil.rmtree(place.parent / "project" / "__pycache__", ignore_errors=True)
        (place / "descent_code.py").unlink()
        capsys.readouterr()
        assert run_tuner(place / "deeper" / "own" / "study.yaml", "--resume") == 2
        assert "objective.type = ../../project/descent_code.py:train: there is no" in (
            capsys.readouterr().err
        )

    def test_other_code_is_another_study(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run_tuner(write(place, FUNCTION))
        (place / "other.py").write_text(CODE)
        changed = FUNCTION["objective"] | {"type": "other.py:train"}
        assert run_tuner(write(place, FUNCTION, objective=changed), "--extend", 1) == 2
        assert "objective.type: " in capsys.readouterr().err

    def test_code_that_has_changed_since_is_told_of(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = write(place, FUNCTION)
        run_tuner(file)
        assert run_tuner(file, "--extend", 1) == 0
        assert "changed: descent_code.py" not in capsys.readouterr().err
        (place / "descent_code.py").write_text(CODE + "\nEVERYTHING = 'else'\n")
        assert run_tuner(file, "--extend", 1) == 0
        said = capsys.readouterr().err.splitlines()
        assert (
            "changed: descent_code.py, which earlier trials ran: their results may not be "
            "comparable with new ones"
        ) in said

    def test_a_script_that_has_changed_since_is_told_of(
        self,
        place: Path,
        engine: SimulatedEngine,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        claims = ModuleType("claims")
        claims.__file__ = "claims.py"  # as modules of torch do; there is no such file
        monkeypatch.setitem(sys.modules, "claims", claims)
        Path("train.py").write_text(f"import beside, kit.used\n{SCRIPT}")
        Path("beside.py").touch()
        Path("kit").mkdir()
        for name in ("__init__.py", "used.py", "unused.py"):
            Path("kit", name).touch()
        command = {"type": "command", "command": ["python", "train.py", "{lr}", LONG]}
        search = {"lr": {"low": 0.1, "high": 0.2}}
        file = write(place, FUNCTION, objective=command, search=search, budget={"trials": 1})
        assert run_tuner(file) == 0
        for path in map(Path, ("train.py", "beside.py", "kit/used.py", "kit/__init__.py")):
            path.write_text(f"{path.read_text()}\n")
            assert run_tuner(file, "--extend", 1) == 0
            assert f"changed: {path.name}, which earlier trials ran" in capsys.readouterr().err
        Path("kit/unused.py").write_text("import beside\n")
        assert run_tuner(file, "--extend", 1) == 0
        assert "unused.py" not in capsys.readouterr().err

    def test_what_a_baseline_leaves_out_is_told_of(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The function may count on it, and would end in a KeyError."""
        baselines = {"usual": {"set": {"step.size": 0.1}}}
        assert run_tuner(write(place, FUNCTION, baselines=baselines)) == 0
        said = "note: baselines.usual does not set free, which the search does: its trial gets no"
        assert said in capsys.readouterr().err
        given = FUNCTION["objective"] | {"free": 1}
        file = write(place, FUNCTION, baselines=baselines, objective=given)
        assert run_tuner(file, "--name", "again") == 0
        assert "baselines.usual" not in capsys.readouterr().err

    def test_a_class_is_confirmed_and_a_function_needs_a_seed(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run_tuner(write(place, CLASS), "--name", "class")
        assert confirm_tuner("results/class", "--top", 1, "--seeds", 2) == 0
        file = write(place, FUNCTION)
        run_tuner(file, "--name", "function")
        assert confirm_tuner("results/function") == 2
        run_tuner(file, "--name", "seeded", "--set", "objective.seed=3")
        assert confirm_tuner("results/seeded", "--top", 1, "--seeds", 2) == 0
        trials, _ = history(Path("results/seeded"))
        assert trials[-1][4]["seed"] == 4

    def test_a_misspelt_section_is_no_param_of_the_function(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        study = {("searh" if key == "search" else key): value for key, value in FUNCTION.items()}
        assert run_tuner(write(place, study)) == 2
        assert "unknown key; did you mean search?" in capsys.readouterr().err

    def test_a_dry_run_shows_it(
        self, place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_tuner(write(place, FUNCTION), "--dry-run") == 0
        said = capsys.readouterr().out
        assert "2 settings, in infinitely many combinations; 4 proposals" in said
        assert "the objective does not say how long an epoch takes" in said

    def test_it_ends_at_max_epochs_and_goes_on_when_there_are_more(
        self, place: Path, engine: SimulatedEngine
    ) -> None:
        file = write(place, FUNCTION, scheduler={"type": "none"}, budget={"trials": 2})
        run_tuner(file, "--set", "objective.max_epochs=3")
        assert len(history(Path("results/own"))[1]) == 6
        assert run_tuner(file, "--set", "objective.max_epochs=5", "--extend", 0) == 0
        epochs = history(Path("results/own"))[1]
        run_tuner(file, "--set", "objective.max_epochs=5", "--name", "whole")
        assert epochs == history(Path("results/whole"))[1]


def test_what_metrics_declare_and_nobody_tells_is_told(
    place: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second of two metrics, and what constraints bound, as the first metric is."""
    two = [FUNCTION["metric"], {"name": "speed", "direction": "maximize"}]
    assert run_tuner(write(place, FUNCTION | {"metric": two}), "--name", "two") == 1
    assert "no epoch reports speed, which the search needs as well" in capsys.readouterr().err
    static = 'metrics = (tuner.Metric("size", "minimize", static=True),'
    (place / "silent_code.py").write_text(CODE.replace("metrics = (", static))
    kind = {"type": "silent_code.py:Descent"}
    bounded = CLASS | {"objective": kind, "constraints": {"size": {"max": 3}}}
    assert run_tuner(write(place, bounded), "--name", "bounded") == 1
    said = capsys.readouterr()
    assert "static_metrics tells no size, which constraints need" in " ".join(said.out.split())
    assert "nothing was run: no trial could be started" in said.err


def test_a_resolved_study_is_read_back(place: Path) -> None:
    study = load_study(write(place, FUNCTION))
    again = place / "again.yaml"
    again.write_text(dump_study(study, place))
    assert dump_study(load_study(again)) == dump_study(study)
    assert study.objective_config.model_dump() == {
        "max_epochs": None, "seed": None, "step": {"name": "gradient"}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"metric": "cruelty"}, "metric = cruelty: needs a direction; write {name: cruelty, "),
        ({"metric": None}, "metric: is missing: the objective declares none"),
        ({"metric": {"name": "cruelty"}}, "metric.direction: is missing"),
        (
            {"metric": {"name": "c", "direction": "up"}},
            "metric.direction = up: must be maximize or",
        ),
        ({"metric": ["a", {"name": "b", "direction": "minimize"}]}, "has no such metric"),
        ({"objective": {"type": "descent_code.py:trai"}}, "did you mean train?"),
        ({"objective": {"type": "descent_code.py"}}, "objective.type = descent_code.py: must be"),
        ({"objective": {"type": "descent_code:Descent", "wide": 1}}, "objective.wide = 1: unknown"),
        (CLASS | {"search": {"rat": {"low": 0.1, "high": 1}}}, "did you mean rate?"),
        (CLASS | {"search": {"seed": {"low": 0.1, "high": 1}}}, "search.seed"),
        (
            {"objective": {"type": "descent_code:Bare"}, "metric": "cruelty"}
            | {"search": {"rate": {"low": 0.1, "high": 1}}},
            "objective.rate: is missing: give it a value, or a default in its class, too",
        ),
        ({"scheduler": {"type": "pbt"}}, "does not declare which of them may change while a"),
        (
            {"objective": {"type": "super_resolution"}, "search": {}},
            "metric = cruelty: objective super_resolution declares its metrics",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_before_anything_starts(
    place: Path, capsys: pytest.CaptureFixture[str], sections: dict[str, Any], message: str
) -> None:
    assert run_tuner(write(place, FUNCTION | sections)) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith(f"error: {place / 'own.yaml'}: ")


def test_an_import_that_fails_is_one_message(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "descent_code.py").write_text("import tuner\n\nimport missing_library\n")
    assert run_tuner(write(place, FUNCTION)) == 2
    assert capsys.readouterr().err == (
        f"error: {place / 'own.yaml'}: objective.type = descent_code.py:train: descent_code.py "
        f"cannot be imported: {place / 'descent_code.py'}, line 3: ModuleNotFoundError: No module "
        "named 'missing_library'\n"
    )
