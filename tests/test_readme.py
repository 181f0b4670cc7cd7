"""What the README and the pages for each wish say runs as it is printed, on small data."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tuner
from tests.in_process import call
from tests.tuner.simulated import SimulatedEngine
from tuner.__main__ import COMMANDS
from tuner.config import load_study

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
# Added to the commands that train, which would take minutes to hours as printed.
TINY = (
    "--trials 1 --workers 1 --set baselines.AS-25=null --set baselines.AS-26=null "
    "--set baselines.AS-27=null --set baselines.AS-24.set.training.max_epochs=1 "
    "--set objective.data.size=8 --set objective.training.max_epochs=1 "
    "--set search.network.channels.choice=[8] --set objective.network.channels=8"
)


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page, in a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def photographs(folder: Path, count: int) -> None:
    folder.mkdir()
    generator = np.random.default_rng(0)
    for index in range(count):
        coarse = generator.integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC).save(
            folder / f"{index}.png"
        )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a person is in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_commands_on_your_own_photographs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ray, which `.ci/run` and other tests start."""
    monkeypatch.setattr("tuner.executors.ray.run.run_on_ray", SimulatedEngine())
    monkeypatch.setattr("tuner.dashboard.serve", lambda *_: None)
    (here / "search_spaces").symlink_to(ROOT / "search_spaces")
    for name, count in (("PHOTOS", 6), ("SET5", 1), ("SET14", 1)):
        photographs(here / name, count)
    (here / "photo.png").write_bytes((here / "PHOTOS" / "0.png").read_bytes())
    [commands] = blocks("docs/photographs.md", "sh")
    more = {"tuner.run": shlex.split(TINY), "tuner.confirm": ["--seeds", "2", "--top", "1"]}
    done = []
    for command in commands.splitlines():
        done.append(command.split()[2])
        assert call(command, *more.get(done[-1], ())) == 0, command
    assert done == [
        "sr_models.describe", "tuner.run", "tuner.run", "tuner.dashboard", "tuner.report",
        "tuner.confirm", "tuner.export", "sr_models.evaluate", "sr_models.upscale",
    ]  # fmt: skip
    assert (here / "results" / "mine" / "report.html").is_file()
    assert Image.open(next((here / "large").iterdir())).size == (384, 384)
    [table] = blocks("docs/photographs.md", "python")
    exec(compile(table, "photographs.md", "exec"), {})


def test_code_that_trains_one_model(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [code] = blocks("docs/one-model.md", "python")
    small = code.replace('"size": 24', '"size": 8').replace('"max_epochs": 3', '"max_epochs": 2')
    assert small != code
    exec(compile(small, "one-model.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert (here / "my-model" / "best.safetensors").is_file()
    assert (here / "my-model" / "checkpoint.safetensors").is_file()


def test_your_own_training_in_a_few_lines(here: Path) -> None:
    """Whole, Ray included: what a person copies first."""
    [code] = blocks("README.md", "python")
    Path("mine.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "mine.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "trials   10: " in done.stdout
    assert done.stdout.splitlines()[-1].startswith("{'lr': ")
    assert len(tuner.load_study("results/train").trials) == 10


def test_the_study_file_is_valid(here: Path) -> None:
    [text] = blocks("docs/study-files.md", "yaml")
    Path("mine.yaml").write_text(text)
    config = load_study(Path("mine.yaml"))
    assert config.study == "textures"
    assert "plain" in config.baselines


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = f"{COMMANDS[name][0]}.{name}"
    assert call(f"python -m {module} --help") == 0
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert f"python -m {module} " in shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_readme_leads_to_every_page() -> None:
    """Those about one's own training, and about the page's data, are led to by their own."""
    found = set(re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    further = {"own-function", "own-class", "own-command", "public-scripts", "page-data"}
    assert {f"docs/{page.name}" for page in PAGES[1:] if page.stem not in further} <= found


def test_the_readme_is_short_enough_to_read_first() -> None:
    """And names options and files that there are."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 75
    for command in blocks("README.md", "sh"):
        for file in re.findall(r"[\w/]+\.yaml", command):
            assert (ROOT / file).is_file()
