import json

import numpy as np
import pytest
import torch
from PIL import Image

from sr_models.metrics import psnr, ssim
from sr_models.training.checkpoint import CheckpointError
from sr_models.training.pictures import (
    bicubic_scores,
    picture_bytes,
    to_uint8,
    write_epoch_pictures,
    write_target_pictures,
)
from sr_models.training.validation import Samples


def opened(path):
    with Image.open(path) as image:
        return torch.from_numpy(np.asarray(image.convert("RGB")).copy()).permute(2, 0, 1)


def test_targets_are_the_first_validation_images(data, tmp_path):
    write_target_pictures(tmp_path, data, 2)
    names = json.loads((tmp_path / "pictures" / "index.json").read_text())
    assert names == {
        "images": [{"k": k, "name": data.validation_names[k]} for k in range(2)],
    }
    batch = next(data.validation_batches(2))
    for k in range(2):
        for kind in ("x", "mid", "large"):
            found = opened(tmp_path / "pictures" / f"{k}-{kind}.png")
            assert torch.equal(found, getattr(batch, kind)[k])


def test_bicubic_pictures_have_the_psnr_that_is_told(data, tmp_path):
    write_target_pictures(tmp_path, data, 1)
    for output, scores in bicubic_scores(data, 1).items():
        shown = opened(tmp_path / "pictures" / f"0-bicubic-{output}.png")
        target = opened(tmp_path / "pictures" / f"0-{output}.png")
        pair = shown[None] / 255, target[None] / 255
        expected = {"bicubic": psnr(*pair).item(), "bicubic-ssim": ssim(*pair).item()}
        assert scores == [pytest.approx(expected)]


def test_predictions_are_kept_with_their_scores(tmp_path):
    samples = Samples(2)
    predictions = torch.linspace(-0.2, 1.2, 3 * 3 * 16 * 16).reshape(3, 3, 16, 16)
    first, others = torch.tensor([20.0]), torch.tensor([21.0, 22.0])
    samples.take("mid", predictions[:1], {"psnr": first, "ssim": first / 40})
    samples.take("mid", predictions[1:], {"psnr": others, "ssim": others / 42})
    bicubic = [{"bicubic": 10.0, "bicubic-ssim": 0.25}, {"bicubic": 11.0, "bicubic-ssim": 0.5}]
    write_epoch_pictures(tmp_path, 7, samples, {"mid": bicubic})
    folder = tmp_path / "pictures" / "epoch-0007"
    assert sorted(path.name for path in folder.iterdir()) == [
        "0-mid.webp",
        "1-mid.webp",
        "metrics.json",
    ]
    assert json.loads((folder / "metrics.json").read_text()) == {
        "0": {"mid": {"psnr": 20.0, "ssim": 0.5, "bicubic": 10.0, "bicubic-ssim": 0.25}},
        "1": {"mid": {"psnr": 21.0, "ssim": 0.5, "bicubic": 11.0, "bicubic-ssim": 0.5}},
    }
    difference = opened(folder / "1-mid.webp").int() - to_uint8(predictions[1]).int()
    assert difference.abs().float().mean() < 3  # WebP loses a little


def test_values_outside_are_clamped_and_others_rounded():
    values = torch.tensor([-0.1, 0.0, 0.5, 0.998, 1.0, 1.7])
    assert to_uint8(values).tolist() == [0, 0, 128, 254, 255, 255]


def test_no_pictures_cost_nothing(data, tmp_path):
    write_target_pictures(tmp_path, data, 0)
    assert json.loads((tmp_path / "pictures" / "index.json").read_text()) == {"images": []}
    assert len(list((tmp_path / "pictures").iterdir())) == 1
    assert picture_bytes(data, 0, ("mid",)) == 0
    assert bicubic_scores(data, 0) == {}
    assert 0 < picture_bytes(data, 1, ("mid",)) < picture_bytes(data, 1, ("mid", "large"))


def test_more_pictures_than_images_are_all_images(data, tmp_path):
    write_target_pictures(tmp_path, data, 1000)
    names = json.loads((tmp_path / "pictures" / "index.json").read_text())["images"]
    assert len(names) == data.validation_count == len(data.sample_images(1000))


def test_a_folder_that_cannot_be_written_is_told(data, tmp_path):
    (tmp_path / "pictures").touch()
    with pytest.raises(CheckpointError, match="cannot write"):
        write_target_pictures(tmp_path, data, 1)
