"""Studies and models that version 0.1.0 made, before its files had rooms, are still of use.

They are stored as they were written: `interrupted` is a search of the toy objective that Ctrl-C
has ended in its fourth trial, `surrogate` one of a minimised metric, `trained` three tiny networks.
"""

import json
import shutil
from pathlib import Path

import pytest
import torch

from sr_models.config import TrainConfig
from sr_models.inference.model_file import load_model
from sr_models.training import TrainingRun
from tests.sr_models.commands import Run
from tests.tuner.simulated import SimulatedEngine, history, run_tuner
from tuner.page import build_page
from tuner.records import Records

STORED = Path(__file__).parents[2] / "data" / "earlier_version"
STUDIES = sorted(path.name for path in STORED.iterdir())


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Copies that a test may change."""
    return Path(shutil.copytree(STORED, tmp_path / "results"))


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_reported_and_shown(report: Run, stored: Path, name: str) -> None:
    table = json.loads(report(stored / name, "--format", "json").stdout)
    assert table["study"]
    assert all(trial["metrics"] for trial in table["trials"] if trial["epochs"])
    assert "<title>" in build_page([stored / name])


def test_a_minimised_metric_has_its_lowest_value_as_best(report: Run, stored: Path) -> None:
    table = json.loads(report(stored / "surrogate", "--format", "json").stdout)
    with Records.open(stored / "surrogate") as records:
        names = {trial.number: trial.name for trial in records.trials()}
        rows = [(names[row.trial], row.metrics["val_cross_entropy"]) for row in records.epochs()]
    for trial in table["trials"]:
        lowest = min(value for name, value in rows if name == trial["trial"])
        assert trial["metrics"]["val_cross_entropy"]["best"] == lowest
    best = [trial["metrics"]["val_cross_entropy"]["best"] for trial in table["trials"]]
    assert best == sorted(best)


def test_an_interrupted_study_goes_on(stored: Path, engine: SimulatedEngine) -> None:
    folder = stored / "interrupted"
    trials, epochs = history(folder)
    assert len(trials) == 4
    assert run_tuner(folder / "study.yaml", "--resume") == 0
    later_trials, later_epochs = history(folder)
    assert [trial[0] for trial in later_trials[:4]] == [trial[0] for trial in trials]
    assert later_epochs.items() >= epochs.items()
    assert len(later_trials) == 15
    assert not any(trial[2] in ("running", "interrupted") for trial in later_trials)


def test_a_finished_study_is_extended(stored: Path, engine: SimulatedEngine) -> None:
    folder = stored / "interrupted"
    assert run_tuner(folder / "study.yaml", "--resume") == 0
    assert run_tuner(folder / "study.yaml", "--extend", 2) == 0
    assert len(history(folder)[0]) == 17


def test_a_model_file_enlarges_images(stored: Path) -> None:
    network, described = load_model(stored / "trained" / "trials" / "T001" / "best.safetensors")
    assert described["metrics"]["validation/psnr"] > 0
    images = network(torch.rand(1, 3, 8, 8))
    assert {name: tuple(image.shape) for name, image in images.items()} == {
        "mid": (1, 3, 16, 16),
        "large": (1, 3, 32, 32),
    }


def test_a_trial_goes_on_from_its_checkpoint(stored: Path) -> None:
    with Records.open(stored / "trained") as records:
        settings = records.trial("T001").config
    settings["training"]["max_epochs"] = 3
    run = TrainingRun(
        TrainConfig.model_validate(settings), folder=stored / "trained" / "trials" / "T001"
    )
    assert [epoch.number for epoch in run.epochs()][-1] == 3
