"""Files of one's own on a machine that has, or has not, the driver's."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from sr_models.losses.own import OwnLossConfig
from sr_models.networks.own import OwnNetworkConfig
from tuner.config import load_study
from tuner.config.own_files import trial_files
from tuner.objectives import get_objective, own_files, shipped_files
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.protocol import TrialContext
from tuner.objectives.shipped_files import ROOT, Manifest, extract, inside, pack
from tuner.objectives.shipping import Shipment, unpack

PARTS = {
    "losses.py": "import shared_by_both\ndef lp(a, b): return shared_by_both.power(a - b).mean()\n",
    "shared_by_both.py": "def power(x): return x.abs() ** 3\n",
    "nets/__init__.py": "",
    "nets/wide.py": """
from torch import nn
from .layers import first
class Wide(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.first = first()
""",
    "nets/layers.py": """
import importlib, pathlib
from torch import nn
def first():
    found = importlib.import_module(f"nets.{pathlib.Path(__file__).with_name('kind').read_text()}")
    return nn.Conv2d(3, found.WIDTH, 3)
""",
    "nets/found.py": "WIDTH = 5\n",
    "nets/kind": "found",
    "nets/built.so": "of a compiler",
    "nets/pictures/a.png": "a",
    "unused.py": "raise SystemExit\n",
}
NETS = {name for name in PARTS if name.startswith("nets/")} - {"nets/pictures/a.png"}
SUPER_RESOLUTION = {
    "objective": {
        "data": {"source": {"type": "sample"}, "size": 8},
        "network": {"type": "own", "code": "nets.wide:Wide"},
        "loss": {"type": "own", "code": "losses.py:lp"},
    },
    "search": {"optimizer.learning_rate": {"low": 0.001, "high": 0.01}},
    "budget": {"trials": 1},
}
SCRIPT = {
    "train.py": """
import json, os, sys
from told import told
with open(os.environ["TUNER_METRICS"], "a") as file:
    file.write(json.dumps({"height": told(sys.argv[1])}) + "\\n")
""",
    "told.py": "def told(file):\n    import deeper\n    return deeper.number(open(file).read())\n",
    "deeper.py": "def number(text): return float(text) + float(open('some/more.txt').read())\n",
    "some/more.txt": "1",
    "run.sh": 'exec python3 train.py "$@"\n',
    "template.txt": "{lr}",
}
COMMAND = {
    "objective": {
        "type": "command",
        "command": ["python", "train.py", "{folder}/made.txt"],
        "files": {"made.txt": "template.txt"},
    },
    "search": {"lr": {"low": 0.1, "high": 0.9}},
    "metric": {"name": "height", "direction": "minimize"},
    "budget": {"trials": 1},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where the search is started; what is imported meanwhile is forgotten."""
    known = set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "project").mkdir()
    (tmp_path / "box").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    yield tmp_path / "project"
    for name in set(sys.modules) - known:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def packed(project: Path, files: dict[str, str], study: dict[str, Any]) -> Path | None:
    """What the driver packs; it imports nothing for that, so a worker may be the same process."""
    write(project, files)
    (project / "study.yaml").write_text(yaml.safe_dump(study))
    extract.cache_clear()
    return pack(trial_files(load_study(project / "study.yaml")), project.parent / "box")


def driver(project: Path, files: dict[str, str], study: dict[str, Any]) -> Path:
    archive = packed(project, files, study)
    assert archive is not None
    return archive


def worker(archive: Path, project: Path) -> Path:
    """The folder where a worker works, and goes there."""
    here = extract(archive, lambda: project.parent / "copies")
    if here != ROOT:
        assert here == project.parent / "copies" / "files"
        os.chdir(inside(here, project))
    return Path.cwd()


def names(archive: Path | None, project: Path) -> set[str]:
    """The files that are packed."""
    if archive is None:
        return set()
    return {os.path.relpath(file.path, project) for file in Manifest.read(archive).files}


def gone(project: Path) -> None:
    os.chdir("/")
    project.rename(project.with_name("elsewhere"))


def edited(project: Path) -> None:
    (project / "losses.py").write_text("lp = None\n")
    (project / "nets" / "found.py").write_text("WIDTH = 4\n")
    (project / "shared_by_both.py").unlink()


@pytest.mark.parametrize("change", [gone, edited])
def test_parts_come_with_what_they_import(project: Path, change: Callable[[Path], None]) -> None:
    archive = driver(project, PARTS, SUPER_RESOLUTION)
    assert names(archive, project) == {"losses.py", "shared_by_both.py", *NETS}
    change(project)
    worker(archive, project)
    loss = OwnLossConfig(code="losses.py:lp").build()
    assert loss(torch.full((1, 3, 2, 2), 0.5), torch.zeros(1, 3, 2, 2)).item() == 0.125
    network = OwnNetworkConfig(code="nets.wide:Wide").load()(scale=2)
    assert network.first.out_channels == 5


def test_a_machine_that_has_the_same_uses_its_own(project: Path) -> None:
    archive = driver(project, PARTS, SUPER_RESOLUTION)
    assert worker(archive, project) == project
    assert not (project.parent / "copies").exists()


def test_what_else_the_machine_has_there_is_found_beside(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = driver(project, PARTS, SUPER_RESOLUTION)
    edited(project)
    write(project, {"data/a.txt": "a", "nets/weights.txt": "w"})
    write(project.parent, {"other/b.txt": "b"})
    listdir, hidden = os.listdir, project.parents[1]

    def refused(folder: Path) -> list[str]:
        if folder == hidden:  # as /home may be
            raise PermissionError
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", refused)
    worker(archive, project)
    places = ("data/a.txt", "nets/weights.txt", "../other/b.txt", "nets/pictures/a.png")
    assert [Path(place).read_text() for place in places] == ["a", "w", "b", "a"]
    Path("losses.py").write_text("lp = 'mine'\n")
    Path("new.txt").touch()
    assert (project / "losses.py").read_text() == "lp = None\n", "and left as it is"
    assert not (project / "new.txt").exists()
    assert not os.path.lexists("../copies"), "no circle"


def test_code_that_the_driver_has_no_more_does_not_come_before_its_own(project: Path) -> None:
    plain = {"flat.py": "KIND = 'new'\n", "losses.py": "import flat\nlp = flat.KIND\n"}
    loss = {"type": "own", "code": "losses.py:lp"}
    parts = {"loss": loss, "network": SUPER_RESOLUTION["objective"]["network"]}
    archive = driver(project, PARTS | plain, SUPER_RESOLUTION | {"objective": parts})
    (project / "losses.py").unlink()
    write(project, {"flat/__init__.py": "KIND = 'old'\n", "nets/left.py": "", "data/flat.py": ""})
    write(project, {"__pycache__/flat.cpython-311.pyc": "", "flat.txt": ""})
    worker(archive, project)
    assert importlib.import_module("losses").lp == "new"
    assert not Path("nets/left.py").exists(), (
        "which a package that looks for its modules would load"
    )
    assert Path("flat.txt").exists()
    assert Path("data/flat.py").exists()
    assert not Path("__pycache__").is_symlink()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["python", "train.py"], set(SCRIPT) - {"run.sh"}),
        (["./train.py"], set(SCRIPT) - {"run.sh"}),
        (["sh", "run.sh"], set(SCRIPT)),
    ],
)
def test_a_command_comes_with_its_script_and_templates(
    project: Path, words: list[str], expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    objective = COMMAND["objective"] | {"command": [*words, "{folder}/made.txt"]}
    write(project, SCRIPT | {"train.py": f"#!{sys.executable}{SCRIPT['train.py']}"})
    (project / "train.py").chmod(0o755)
    archive = driver(project, {}, COMMAND | {"objective": objective})
    assert names(archive, project) == expected
    gone(project)
    before = list(sys.path)
    worker(archive, project)
    assert sys.path == before, "the worker imports none of it"
    trial = project.parent / "trial"
    trial.mkdir()
    command = get_objective("command")
    config = command.config_type.model_validate({**objective, "lr": 0.5})
    epochs = command.run(config, TrialContext(trial, 0, 1))
    assert [epoch.metrics["height"] for epoch in epochs] == [1.5]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["python", "-m", "nets.wide"], NETS),
        (["python", "unused.py", "--config=template.txt"], {"unused.py", "template.txt"}),
        (["torchrun", "--nproc=2", "unused.py", "some/more.txt"], {"unused.py", "some/more.txt"}),
        (["bash", "-c", "python unused.py && true"], {"unused.py"}),
        (["nets/kind"], {"nets/kind"}),
        (["python", "{script}"], {"unused.py", "losses.py", "shared_by_both.py"}),
        (["/bin/echo", "--data={data}", "nets"], set()),
    ],
)
def test_the_files_that_a_command_names(
    project: Path, command: list[str], expected: set[str]
) -> None:
    search = {"script": {"choice": ["unused.py", "losses.py"]}} if "{script}" in command else {}
    objective = {
        "type": "command",
        "command": [
            word.format(data=project / "template.txt", script="{script}") for word in command
        ],
    }
    study = COMMAND | {"objective": objective, "search": COMMAND["search"] | search}
    assert names(packed(project, PARTS | SCRIPT, study), project) == expected


def test_modules_are_found_by_the_command_s_own_path(project: Path) -> None:
    environment = {"PYTHONPATH": "lib:../library:/other"}
    objective = COMMAND["objective"] | {"environment": environment}
    files = {"train.py": "import told", "lib/told.py": "import deeper", "../library/deeper.py": ""}
    study = COMMAND | {"objective": objective}
    archive = driver(project, files | {"template.txt": ""}, study)
    assert names(archive, project) == {*files, "template.txt"}
    gone(project)
    (project.parent / "library").rename(project.parent / "no-library")
    worker(archive, project)
    assert Path("../library/deeper.py").is_file()


def test_the_objective_is_sent_wherever_the_study_file_is(project: Path) -> None:
    study = COMMAND | {"objective": {"type": "own_training.py:train"}}
    training = (
        "from deeper import number\ndef train(params, trial): yield {'height': number('2')}\n"
    )
    archive = driver(project, SCRIPT | {"own_training.py": training}, study)
    assert names(archive, project) == {"own_training.py", "deeper.py", "some/more.txt"}
    name = f"{project / 'own_training.py'}:train"
    gone(project)
    worker(archive, project)
    for module in ("own_training", "deeper"):
        del sys.modules[module]
    copy = project.parent / "copies" / "files"
    objective = unpack(Shipment(name, project, files=archive), copy)
    trial = project.parent / "trial"
    trial.mkdir()
    (epoch,) = objective.run(objective.config_type(), TrialContext(trial, 0, 1))
    assert epoch.metrics["height"] == 3
    assert objective.name == name


def test_what_cannot_be_read_is_left_out(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "kind")  # root may read all
    assert names(driver(project, PARTS, SUPER_RESOLUTION), project) == {
        "losses.py", "shared_by_both.py", *NETS - {"nets/kind"}
    }  # fmt: skip


def test_what_the_code_itself_may_write_is_no_other_code(project: Path) -> None:
    archive = driver(project, SCRIPT, COMMAND)
    (project / "some" / "more.txt").write_text("2")
    assert worker(archive, project) == project
    extract.cache_clear()
    (project / "some" / "more.txt").unlink()
    assert (worker(archive, project) / "some" / "more.txt").read_text() == "1"


def test_a_choice_of_code_is_packed_whole(project: Path) -> None:
    loss = {"choice": ["losses.py:lp", "deeper:number"]}
    study = SUPER_RESOLUTION | {"search": {"loss.code": loss}}
    study["objective"] = {"loss": {"type": "own", "code": "unused.py:l"}}
    expected = {"losses.py", "shared_by_both.py", "unused.py", "deeper.py", "some/more.txt"}
    assert names(driver(project, PARTS | SCRIPT, study), project) == expected


def test_a_file_outside_the_folder_keeps_its_place(project: Path) -> None:
    library = project.parent / "library"
    loss = {"type": "own", "code": "../library/losses.py:lp"}
    write(library, PARTS)
    archive = driver(project, {}, SUPER_RESOLUTION | {"objective": {"loss": loss}})
    gone(project)
    library.rename(library.with_name("no-library"))
    worker(archive, project)
    made = OwnLossConfig(code="../library/losses.py:lp").build()
    assert made(torch.full((1, 3, 2, 2), 0.5), torch.zeros(1, 3, 2, 2)).item() == 0.125


class TestWhatDoesNotTravel:
    def test_a_large_file(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (own_files, shipped_files):
            monkeypatch.setattr(module, "LARGEST", 1000)
        objective = {"type": "command", "command": ["python", "train.py", "weights.pt"]}
        train = SCRIPT["train.py"] + "# many.txt\n"
        large = {"weights.pt": "w" * 1001, "many.txt": "m" * 1001}
        archive = driver(
            project, SCRIPT | {"train.py": train} | large, {**COMMAND, "objective": objective}
        )
        assert names(archive, project) == set(SCRIPT) - {"run.sh", "template.txt"} | {"weights.pt"}
        (project / "weights.pt").write_text("others")
        assert worker(archive, project) == project
        extract.cache_clear()
        (project / "weights.pt").unlink()
        with pytest.raises(ObjectiveError) as raised:
            worker(archive, project)
        assert str(raised.value) == (
            f"{project / 'weights.pt'} is missing on this machine, or differs from the driver's: "
            "it has more than 16 MB, and is not sent: put it there on every machine, or start the "
            "search in a folder that all machines share"
        )

    @pytest.mark.parametrize("change", [gone, edited])
    def test_what_has_an_absolute_path(self, project: Path, change: Callable[[Path], None]) -> None:
        loss = {"type": "own", "code": f"{project / 'losses.py'}:lp"}
        archive = driver(project, PARTS, SUPER_RESOLUTION | {"objective": {"loss": loss}})
        change(project)
        with pytest.raises(ObjectiveError, match=r"losses\.py is missing on this machine, or"):
            worker(archive, project)

    def test_a_template_that_has(self, project: Path) -> None:
        files = {"made.txt": str(project / "template.txt")}
        objective = COMMAND["objective"] | {"files": files}
        archive = driver(project, SCRIPT, COMMAND | {"objective": objective})
        assert worker(archive, project) == project
        gone(project)
        extract.cache_clear()
        with pytest.raises(ObjectiveError, match=r"template\.txt is missing on this machine"):
            worker(archive, project)

    def test_what_is_installed(self, project: Path) -> None:
        parts = {
            "optimizer": {"type": "own", "code": "torch.optim:RMSprop"},
            "loss": {"type": "own", "code": "functools:partial"},
        }
        assert packed(project, {}, SUPER_RESOLUTION | {"objective": parts}) is None
