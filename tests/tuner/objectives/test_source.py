"""Somebody's code by its name: found, imported, and what is said where that fails."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from sr_models.errors import CodeError
from sr_models.source import Source, given_by_hand, root_of
from tuner.objectives import get_objective
from tuner.objectives.base import BaseObjective
from tuner.objectives.function import FunctionObjective
from tuner.objectives.loading import own_objective
from tuner.objectives.own import OwnObjective

CODE = """
    import tuner

    WIDTH = 3

    def train(params, trial):
        yield {"cruelty": 1.0}

    class Config(tuner.Config):
        width: int = 4

    class Digits(tuner.Objective):
        config_type = Config
        metrics = (tuner.Metric("cruelty", "minimize"),)

        def train(self, config, trial):
            yield {"cruelty": config.width}

    class Nothing(tuner.Objective):
        config_type = Config

    class Untyped(Digits):
        config_type = dict

    class Single(Digits):
        metrics = (tuner.Metric("cruelty", "minimize"))

    class Needy(Digits):
        def __init__(self, data):
            self.data = data

    def lonely(trial):
        yield {"cruelty": 1.0}

    ready = Digits()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of code; what is imported from it is forgotten again."""
    (tmp_path / "some_objectives.py").write_text(dedent(CODE))
    paths, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = paths
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def own(kind: str, folder: Path) -> OwnObjective:
    found = get_objective(kind, folder)
    assert isinstance(found, OwnObjective)
    return found


@pytest.mark.parametrize("module", ["some_objectives", "some_objectives.py"])
def test_a_module_and_a_file_are_found_beside_the_study_file(folder: Path, module: str) -> None:
    assert isinstance(own(f"{module}:train", folder).training, FunctionObjective)
    digits = own(f"{module}:Digits", folder)
    assert [metric.name for metric in digits.metrics] == ["cruelty", "seconds"]
    assert digits.config_type.model_fields["width"].default == 4
    assert isinstance(own(f"{module}:ready", folder).training, BaseObjective)


def test_a_file_is_found_in_the_current_folder_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert own("some_objectives.py:train", Path("elsewhere")).name == (
        f"{folder / 'some_objectives.py'}:train"
    )


def test_a_file_of_any_name_imports_what_lies_beside_it(folder: Path) -> None:
    (folder / "json.py").write_text("from some_objectives import train, WIDTH\n")
    (folder / "my-train 2.py").write_text("from some_objectives import train, WIDTH\n")
    for name in ("json.py", "my-train 2.py"):
        assert isinstance(own(f"{name}:train", folder).training, FunctionObjective)
    import json

    assert not str(json.__file__).startswith(str(folder)), "no module is replaced by another"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("some_objectives:", "must be module:name or file.py:name"),
        ("json:train", r"json has no train: it is \S+json/__init__.py; write json.py:train"),
        ("some/objectives:train", "must be module:name or file.py:name"),
        (".:train", "must be module:name or file.py:name"),
        ("missing.py:train", r"there is no \S+/missing.py"),
        ("missing_module:train", "missing_module cannot be imported: ModuleNotFoundError: No mod"),
        ("some_objectives:trains", "some_objectives has no trains; did you mean train\\?"),
        ("some_objectives.py:WIDTH", "is neither a function nor a tuner.Objective"),
        ("some_objectives.py:Nothing", "has no method train"),
        ("some_objectives.py:Config", "is a class, but not a subclass of tuner.Objective"),
        ("some_objectives.py:Untyped", "has no config_type that is a subclass of tuner.Config"),
        ("some_objectives.py:Single", "has metrics = Metric.*; it must be a tuple of tuner.Metric"),
        ("some_objectives.py:Needy", "cannot be created without arguments .TypeError: .*'data'"),
        ("some_objectives.py:lonely", "must take two arguments, the params of a trial and the tri"),
        ("__main__:train", "was defined in a notebook"),
    ],
)
def test_what_is_no_objective_is_told(folder: Path, kind: str, message: str) -> None:
    (folder / "json.py").write_text("from some_objectives import train\n")
    with pytest.raises(CodeError, match=message):
        get_objective(kind, folder)


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("x = 1\nimport no_such_thing\n", 2, "ModuleNotFoundError: No module named 'no_such_th"),
        ("x = 1\n\ndef f(:\n", 3, "invalid syntax"),
        ("x = 1\n\n\n1 / 0\n", 4, "ZeroDivisionError: division by zero"),
        ("import argparse\nargparse.ArgumentParser().parse_args(['x'])\n", None, "SystemExit: 2"),
        ("import tuner\ntuner.search(print, {}, 'x')\n", 2, 'if __name__ == "__main__":'),
        ("from .beside import x\n", 1, "name it as a module of its package: package.module:name"),
    ],
)
def test_an_import_that_fails_is_one_message_with_file_and_line(
    folder: Path, code: str, line: int | None, reason: str
) -> None:
    (folder / "broken.py").write_text(code)
    with pytest.raises(CodeError) as caught:
        get_objective("broken.py:train", folder)
    message = str(caught.value)
    assert message.startswith("broken.py cannot be imported: ")
    assert reason in message
    assert "\n" not in message
    if line is not None:
        assert f"{folder / 'broken.py'}, line {line}: " in message
    assert "broken" not in sys.modules


class TestLive:
    def test_what_a_module_holds_is_found_again_under_its_name(self) -> None:
        from tests.tuner.objectives.functions import walk

        assert own_objective(walk).name == "tests.tuner.objectives.functions:walk"

    def test_what_none_holds_is_known_by_its_name_alone(self) -> None:
        def local(params: object, trial: object) -> None: ...

        assert own_objective(local).name == "__main__:local"
        assert own_objective(lambda params, trial: None).name == "__main__:lambda"
        assert given_by_hand("__main__:local") == "local"
        assert given_by_hand("__main__:lambda") == "FUNCTION"
        assert given_by_hand("some.module:local") is None

    def test_a_scripts_is_that_of_its_file(self, tmp_path: Path) -> None:
        (tmp_path / "script.py").write_text(
            "from tuner.objectives.loading import own_objective\n"
            "def train(params, trial): ...\n"
            "print(own_objective(train).name)\n"
        )
        command = [sys.executable, "script.py"]
        said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == f"{tmp_path / 'script.py'}:train"

    def test_one_that_is_run_as_a_module_of_a_package_is_known_by_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By `python -m package.script`: under its file's name it could not import relatively."""
        script = ModuleType("__main__")
        script.__spec__ = ModuleSpec("package.script", None)
        script.__file__ = str(tmp_path / "package" / "script.py")
        exec("def train(params, trial): ...", vars(script))
        monkeypatch.setitem(sys.modules, "__main__", script)
        assert own_objective(vars(script)["train"]).name == "package.script:train"
        assert root_of(script) == tmp_path

    def test_what_is_no_code_is_refused(self) -> None:
        with pytest.raises(CodeError, match="neither a function nor"):
            own_objective(3)


def test_a_source_is_written_as_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    source = Source.parse("a.py:b.c", tmp_path)
    assert Source.parse(str(source), Path("/")) == source


def test_two_projects_with_helpers_of_one_name_are_not_mixed_up(
    folder: Path, tmp_path: Path
) -> None:
    for project in ("first", "second", "third"):
        (folder / project).mkdir()
        (folder / project / "train.py").write_text(
            "from helper_of_mine import WIDTH, width\ndef train(params, trial):\n    yield {}\n"
        )
        (folder / project / "helper_of_mine.py").write_text(
            f"WIDTH = {project!r}\ndef width(): return WIDTH\n"
        )
    (folder / "third" / "train.py").write_text("def train(params, trial):\n    yield {}\n")
    own("train.py:train", folder / "first")
    with pytest.raises(CodeError, match=r"train.py imports .*first/helper_of_mine.py, which this"):
        own("train.py:train", folder / "second")
    own("train.py:train", folder / "third")
