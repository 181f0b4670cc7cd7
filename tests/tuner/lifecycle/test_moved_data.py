"""Photographs that lie elsewhere than when a study was started."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.tuner.simulated import SimulatedEngine, confirm_tuner, run_tuner
from tuner.records import Records, TrialKind, TrialState


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of two networks on six photographs."""
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    photographs(tmp_path / "here")
    document = {
        "study": "moved",
        "objective": {
            "type": "super_resolution",
            "data": {"source": {"type": "folder", "path": str(tmp_path / "here")}, "size": 8},
            "network": {"type": "progressive", "depth": 1, "channels": 4},
            "training": {"max_epochs": 2, "batch_size": 4, "pictures": 1},
        },
        "search": {"optimizer.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}},
        "scheduler": {"type": "none"},
        "budget": {"trials": 2},
        "workers": 1,
    }
    (tmp_path / "moved.yaml").write_text(yaml.safe_dump(document))
    return tmp_path / "moved.yaml"


def photographs(folder: Path, seed: int = 0) -> None:
    folder.mkdir()
    random = np.random.default_rng(seed)
    for number in range(6):
        seeds = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        seeds.resize((40, 40), Image.Resampling.BICUBIC).save(folder / f"{number}.png")


def run(file: Path, *options: object) -> int:
    return run_tuner(file, "--results", file.parent / "results", *options)


def paths(folder: Path) -> set[str]:
    with Records.open(folder) as records:
        return {trial.config["data"]["source"]["path"] for trial in records.trials()}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_photographs_are_no_other_study(
    file: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unfinished trial goes on with them, and the best is confirmed on them."""
    folder, there = file.parent / "results" / "moved", file.parent / "there"
    engine.epochs = 1
    assert run(file) == 130
    engine.epochs = None
    (file.parent / "here").rename(there)
    assert run(file, "--resume") == 2
    assert "here does not exist" in capsys.readouterr().err
    move = f"objective.data.source.path={there}"
    assert run(file, "--resume", "--set", move) == 0
    assert f"changed: objective.data.source.path: {file.parent}/here -> {there}" in (
        capsys.readouterr().err
    )
    assert paths(folder) == {str(there)}
    with Records.open(folder) as records:
        assert {trial.state for trial in records.trials()} == {TrialState.COMPLETE}
    assert run(file, "--extend", 1) == 0, "later runs know it"


def test_they_are_confirmed_where_they_are_now(
    file: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, there = file.parent / "results" / "moved", file.parent / "there"
    assert run(file) == 0
    (file.parent / "here").rename(there)
    own = folder / "study.yaml"
    own.write_text(own.read_text().replace(f"{file.parent}/here", str(there)))
    assert confirm_tuner(folder, "--top", 1, "--seeds", 2) == 0
    assert "over 1 other seed" in capsys.readouterr().out, "the repeat is known as one"
    assert paths(folder) == {str(there)}
    with Records.open(folder) as records:
        assert records.trials()[-1].kind is TrialKind.CONFIRM


def test_other_photographs_are_refused_and_nothing_is_changed(
    file: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, other = file.parent / "results" / "moved", file.parent / "other"
    assert run(file) == 0
    photographs(other, seed=1)
    before = content(folder)
    capsys.readouterr()
    move = f"objective.data.source.path={other}"
    assert run(file, "--extend", 1, "--set", move) == 2
    assert "the data of" in capsys.readouterr().err
    assert content(folder) == before
    assert run(file, "--extend", 1) == 0
