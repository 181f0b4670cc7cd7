"""The README's commands and code run as they are printed, on small data."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands import run_here

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Added to the commands that train, which would take minutes to hours as printed.
TINY = (
    "--trials 1 --workers 2 --set baselines.AS-25=null --set baselines.AS-26=null "
    "--set baselines.AS-27=null --set baselines.AS-24.set.training.max_epochs=1 "
    "--set objective.data.size=8 --set objective.training.max_epochs=1 "
    "--set search.network.channels.choice=[8] --set objective.network.channels=8"
)


def block(heading: str, language: str) -> str:
    """The first code block of a language under a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found, f"no {language} block under {heading!r}"
    return found[1]


def commands(text: str) -> list[list[str]]:
    joined = text.replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in joined.splitlines() if line.strip()]


def photographs(folder: Path, count: int) -> None:
    folder.mkdir()
    generator = np.random.default_rng(0)
    for index in range(count):
        coarse = generator.integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC).save(
            folder / f"{index}.png"
        )


@pytest.mark.usefixtures("ray_started")
def test_commands_on_your_own_photographs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "search_spaces").symlink_to(ROOT / "search_spaces")
    for name, count in (("PHOTOS", 6), ("SET5", 1), ("SET14", 1)):
        photographs(tmp_path / name, count)
    photographs(tmp_path / "one", 1)
    (tmp_path / "one" / "0.png").rename(tmp_path / "photo.png")
    done = []
    for command in commands(block("On your own photographs", "sh")):
        module = command[2]
        if module == "tuner.dashboard":  # serves until it is stopped; its own tests watch it
            continue
        tiny = shlex.split(TINY) if module == "tuner.run" else []
        short = ["--seeds", "2", "--top", "1"] if module == "tuner.confirm" else []
        ended = run_here([*command, *tiny, *short], tmp_path)
        assert ended.code == 0, f"{shlex.join(command)}\n{ended.stderr}"
        done.append(module)
    assert done == [
        "sr_models.describe",
        "tuner.run",
        "tuner.run",
        "tuner.report",
        "tuner.confirm",
        "tuner.export",
        "sr_models.evaluate",
        "sr_models.upscale",
    ]
    assert (tmp_path / "results" / "mine" / "report.html").is_file()
    assert Image.open(next((tmp_path / "large").iterdir())).size == (384, 384)


def test_code_that_trains_one_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    code = block("Train one model without a search", "python")
    small = code.replace('"size": 24', '"size": 8').replace('"max_epochs": 3', '"max_epochs": 2')
    assert small != code
    exec(compile(small, "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert (tmp_path / "my-model" / "best.safetensors").is_file()
    assert (tmp_path / "my-model" / "checkpoint.safetensors").is_file()


def test_your_own_training_in_a_few_lines(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(block("Tune your own training", "python"))
    done = subprocess.run(
        [sys.executable, "mine.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "trials   10: " in done.stdout
    assert done.stdout.splitlines()[-1].startswith("{'lr': ")
    assert (tmp_path / "results" / "train" / "report.html").is_file()


def test_the_study_file_is_valid(tmp_path: Path) -> None:
    from tuner.config import load_study

    file = tmp_path / "mine.yaml"
    file.write_text(block("A study file", "yaml"))
    config = load_study(file)
    assert config.study == "mine"
    assert "plain" in config.baselines


@pytest.mark.parametrize(
    "module",
    [
        "tuner.run", "tuner.report", "tuner.dashboard", "tuner.confirm", "tuner.export",
        "sr_models.describe", "sr_models.evaluate", "sr_models.upscale",
    ],
)  # fmt: skip
def test_every_command_has_help_with_an_example(module: str, tmp_path: Path) -> None:
    done = run_here(["python", "-m", module, "--help"], tmp_path)
    assert done.code == 0
    assert f"python -m {module} " in " ".join(done.stdout.replace("│", " ").split())


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
