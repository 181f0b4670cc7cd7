"""The commands of docs/data.md and docs/perceptual.md run as they are printed, on small data."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sr_models.inference.model_file import load_model
from sr_models.networks import SpandrelConfig, build_network
from tests.in_process import call
from tests.test_docs import ROOT, steps
from tests.tuner.simulated import SimulatedEngine
from tuner.records import Records, TrialState

SIZE = 48
SMALL = (
    "--trials 2 --workers 1 --set objective.data.size=8 --set objective.training.max_epochs=1 "
    "--set objective.training.pictures=1"
)
PATCHES = "--set objective.data.patches.steps=2 --set objective.training.batch_size=4"
NARROW = "--set objective.network.channels=4 --set search.network.channels=null"
# Added to the commands that train, which would take minutes to hours as printed.
ADDED = {
    "patches": f"{SMALL} {PATCHES} {NARROW}",
    "pairs": f"{SMALL} {PATCHES} {NARROW}",
    "degraded": f"{SMALL} {PATCHES} --set objective.network.channels=4",
    "finetune": f"{SMALL} {PATCHES}",
    "perceptual": f"{SMALL} --set objective.data.size=10 --set objective.network.channels=4",
}


def photographs(folder: Path, count: int, side: int = SIZE, ending: str = "") -> None:
    folder.mkdir()
    for index in range(count):
        coarse = np.random.default_rng(index).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
        image.save(folder / f"{index}{ending}.png")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the pages speak of, and no Ray, which other tests start."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tuner.executors.ray.run.run_on_ray", SimulatedEngine())
    for name, count in (("TRAIN", 5), ("VALIDATION", 2), ("TEST", 1)):
        photographs(tmp_path / name, count)
    photographs(tmp_path / "HR", 5, 80)
    photographs(tmp_path / "LRx2", 5, 40, "x2")
    photographs(tmp_path / "LRx4", 5, 20, "x4")
    compact = SpandrelConfig(outputs=("large",), args={"num_feat": 16, "num_conv": 4})
    torch.save(
        build_network(compact).heads["large"].network.state_dict(), tmp_path / "published.pth"
    )
    (tmp_path / "search_spaces").symlink_to(ROOT / "search_spaces")
    return tmp_path


def walk(name: str, folder: Path) -> list[str]:
    """Write the files and run the commands of a page; return the studies that ran."""
    text = (ROOT / "docs" / f"{name}.md").read_text().replace("\\\n", " ")
    found = list(steps(text))
    for file, content in found:
        if file:
            (folder / file).write_text(content)
    studies = []
    for file, line in found:
        if file:
            continue
        named = re.search(r"tuner\.run (?:.*--name )?(?:search_spaces/)?(\w+)", line)
        if named:
            studies.append(named[1])
        more = shlex.split(ADDED[named[1]]) if named else []
        assert call(line, *more) == 0, line
    return studies


def trained(folder: Path, study: str) -> list[TrialState]:
    with Records.open(folder / "results" / study) as records:
        return [trial.state for trial in records.trials()]


@pytest.mark.slow
def test_folders_pairs_and_degradations_are_searched(folder: Path) -> None:
    assert walk("data", folder) == ["patches", "pairs", "degraded"]
    for study in ("patches", "pairs", "degraded"):
        assert TrialState.FAILED not in trained(folder, study)
        assert TrialState.COMPLETE in trained(folder, study)
    with Records.open(folder / "results" / "patches") as records:
        (tested,) = records.info["test"].values()
        assert "test/psnr_y_large" in tested
    assert Image.open(folder / "shown.png").size[1] > 2000


@pytest.mark.slow
def test_psnr_and_lpips_and_a_published_network_are_searched(folder: Path) -> None:
    from spandrel import ModelLoader

    assert walk("perceptual", folder) == ["perceptual", "finetune"]
    for study in ("perceptual", "finetune"):
        assert TrialState.FAILED not in trained(folder, study)
    model = folder / "model.safetensors"
    theirs = ModelLoader().load_from_file(model).eval()
    x = torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(theirs.model(x), load_model(model)[0](x)["large"])
