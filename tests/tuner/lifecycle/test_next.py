"""What a run says can be done next, done: each line is parsed and run as it was printed."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.in_process import call
from tests.tuner.simulated import SimulatedEngine
from tuner.analysis.commands import Commands
from tuner.analysis.comparison import compare
from tuner.analysis.program import program_here
from tuner.analysis.snapshot import open_snapshot
from tuner.analysis.summary import next_commands
from tuner.records import Records, TrialKind

STUDY = """
study: tiny
objective:
  data: {size: 8, validation: 0.5}
  network: {type: progressive, channels: 4, depth: 1}
  training: {max_epochs: 1, batch_size: 2}
search: {optimizer.learning_rate: {low: 1.0e-4, high: 1.0e-2, log: true}}
workers: 1
budget: {trials: 11}
"""


def ways(printed: str) -> dict[str, str]:
    """The commands at the end of what was printed, by the word before each."""
    found: dict[str, str] = {}
    for line in printed.split("What can be done next\n")[1].splitlines():
        word = line[:9].strip() or list(found)[-1]
        found[word] = f"{found[word]}\n{line[9:]}" if word in found else line[9:]
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that a person is in, with some photographs; nothing starts Ray."""
    folder = tmp_path_factory.mktemp("here")
    generator = np.random.default_rng(0)
    (folder / "PHOTOS").mkdir()
    for index in range(4):
        coarse = Image.fromarray(generator.integers(0, 255, (6, 6, 3), dtype=np.uint8))
        coarse.resize((48, 48)).save(folder / "PHOTOS" / f"{index}.png")
    (folder / "tiny.yaml").write_text(STUDY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SR_TUNER_CACHE", str(folder / "cache"))
        patch.setattr("tuner.executors.ray.run.run_on_ray", SimulatedEngine())
        # So small a network is below bicubic, for which no use would be offered.
        patch.setattr("tuner.analysis.summary.none_better_text", lambda *_: None)
        patch.setattr("tuner.dashboard.serve", lambda *_: None)
        patch.setattr("sys.orig_argv", ["python", "-m", "tuner.run"])
        yield folder


@pytest.fixture(scope="module")
def printed(here: Path) -> dict[str, str]:
    """What a small search of photographs says can be done next."""
    from rich.console import Console

    with pytest.MonkeyPatch.context() as patch:
        console = Console(width=80, color_system=None, record=True, file=StringIO())
        patch.setattr("tuner.lifecycle.console.Console", lambda: console)
        options = "--data PHOTOS --name mine --results elsewhere"
        assert call(f"python -m tuner.run tiny.yaml {options}") == 0
    return ways(console.export_text())


def test_all_next_commands_are_named(printed: dict[str, str]) -> None:
    names = ["look", "table", "confirm", "extend", "export", "upscale"]
    assert list(printed) == names
    assert all(len(line) <= 80 - 9 for command in printed.values() for line in command.split("\n"))


@pytest.mark.parametrize("word", ["look", "table", "export", "upscale", "confirm", "extend"])
def test_each_works_as_it_stands(here: Path, printed: dict[str, str], word: str) -> None:
    assert call(printed[word]) == 0
    with Records.open(here / "elsewhere" / "mine") as records:
        kinds = [trial.kind for trial in records.trials()]
    outcome = {
        "look": True,
        "table": True,
        "export": (here / "model.safetensors").is_file(),
        "upscale": Image.open(here / "enlarged" / "0-x_x4.png").size == (32, 32)
        if word == "upscale"
        else None,
        "confirm": TrialKind.CONFIRM in kinds,
        "extend": kinds.count(TrialKind.SEARCH) == 31,
    }
    assert outcome[word]


def test_sr_tuner_names_itself(here: Path, printed: dict[str, str]) -> None:
    study = open_snapshot(here / "elsewhere" / "mine")
    commands = Commands(study, program_here(["/bin/python", "sr-tuner", "run"]))
    ways = dict(next_commands(commands, compare(study)))
    assert ways["table"] == f"sr-tuner report {study.folder}"
    assert call(ways["table"]) == call(ways["look"]) == 0


def test_a_named_study_is_called_so_everywhere(here: Path, printed: dict[str, str]) -> None:
    folder = here / "elsewhere" / "mine"
    with Records.open(folder) as records:
        assert compare(records).studies[0].name == "mine"
    assert "study: mine\n" in (folder / "study.yaml").read_text()
