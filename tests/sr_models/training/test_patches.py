"""Training on patches: what it says of itself is what `evaluate` says."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr_models.config import TrainConfig
from sr_models.inference.evaluation import folder_of_its_own, score_folders
from sr_models.training import TrainingRun, estimate, validation
from sr_models.training.testing import score_test_images


def photographs(folder: Path, sizes: list[tuple[int, int]]) -> Path:
    folder.mkdir()
    for number, (width, height) in enumerate(sizes):
        coarse = np.random.default_rng(number).integers(0, 256, (9, 8, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        image.save(folder / f"{number}.png")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    train = photographs(tmp_path / "train", [(50, 40)] * 3)
    held = photographs(tmp_path / "validation", [(61, 47), (38, 70)])
    Image.open(held / "1.png").convert("L").save(held / "1.png")
    return TrainConfig.model_validate(
        {
            "data": {
                "train": {"type": "folder", "path": train},
                "validation": {"type": "folder", "path": held},
                "test": {"type": "folder", "path": held},
                "size": 8,
                "resample": "antialiased",
                "patches": {"steps": 6, "per_image": 2, "x2_share": 0.5},
            },
            "network": {"type": "light", "channels": 4, "depth": 1, "skip": "bicubic"},
            "training": {"batch_size": 4, "max_epochs": 2, "pictures": 2, "ema": 0.9},
        }
    )


def test_evaluate_scores_what_validation_said(config: TrainConfig, tmp_path: Path) -> None:
    rows = list(TrainingRun(config, folder=tmp_path / "model").epochs())
    best = max(rows, key=lambda row: row.metrics["validation/psnr"]).metrics
    model = tmp_path / "model" / "best.safetensors"
    found = score_folders(str(model), [tmp_path / "validation"], "cpu")
    for folder, output in zip(found, ("mid", "large"), strict=True):
        assert best[f"validation/psnr_y_{output}"] == pytest.approx(folder.model.psnr, abs=0.01)
        assert best[f"validation/psnr_{output}"] == pytest.approx(folder.model.psnr_rgb, abs=0.01)
    ssim = sum(folder.model.ssim for folder in found) / 2
    assert best["validation/ssim_y"] == pytest.approx(ssim, abs=1e-3)
    bicubic = sum(folder.bicubic.psnr_rgb for folder in found) / 2
    gain = best["validation/psnr"] - best["validation/gain"]
    assert gain == pytest.approx(bicubic, abs=0.01)
    assert folder_of_its_own(str(model)) == tmp_path / "validation"
    tested = score_test_images(config, model)
    assert tested["test/psnr_y_mid"] == pytest.approx(found[0].model.psnr, abs=0.01)
    assert tested["test/psnr"] == pytest.approx(best["validation/psnr"], abs=1e-4)
    assert (tmp_path / "model" / "pictures" / "epoch-0001" / "1-large.webp").is_file()


def test_tiles_change_nothing(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    run = TrainingRun(config)
    whole, _ = run.validate()
    monkeypatch.setattr(validation, "TILE", 16)
    tiled, _ = run.validate()
    for name in ("validation/psnr", "validation/psnr_y", "validation/ssim"):
        assert tiled[name] == pytest.approx(whole[name], abs=1e-4)


def test_a_run_goes_on_along_its_curve(config: TrainConfig, tmp_path: Path) -> None:
    straight = [row.metrics["train/loss"] for row in TrainingRun(config).epochs()]
    run = TrainingRun(config, folder=tmp_path / "model")
    first = next(iter(run.epochs()))
    rest = list(TrainingRun(config, folder=tmp_path / "model", start_after=1).epochs())
    losses = [first.metrics["train/loss"], *(row.metrics["train/loss"] for row in rest)]
    assert losses == pytest.approx(straight, rel=1e-5)


def test_the_cost_is_that_of_its_steps(config: TrainConfig) -> None:
    data = TrainingRun(config).data
    few = estimate(config, data).seconds_per_epoch
    many = config.data.model_copy(
        update={"patches": config.data.patches.model_copy(update={"steps": 6000})}
    )
    longer = config.model_copy(update={"data": many})
    assert estimate(longer, TrainingRun(longer).data).seconds_per_epoch > 20 * few
