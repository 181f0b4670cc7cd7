"""Batches made on a device are those that the host makes."""

import numpy as np
import pytest
import torch
from PIL import Image

from sr_models.data import DataConfig, open_pyramids
from sr_models.data.packed import turned_grid
from sr_models.data.resample import resize
from sr_models.data.resident import (
    ResidentPyramids,
    can_be_resident,
    shrink_on_device,
)

CPU = torch.device("cpu")
SIZES = [(40, 64), (70, 41), (50, 50), (90, 45), (41, 43)]  # width, height


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "photographs"
    root.mkdir()
    random = np.random.default_rng(0)
    for number, size in enumerate(SIZES):
        seeds = Image.fromarray(random.integers(0, 256, (9, 8, 3), dtype=np.uint8))
        seeds.resize(size, Image.Resampling.BICUBIC).save(root / f"{number}.png")
    return root


def opened(folder, **options):
    source = {"type": "folder", "path": str(folder)}
    return open_pyramids(DataConfig.model_validate({"source": source, "size": 10, **options}))


def assert_close(ours, theirs, tolerance):
    for name in ("x", "mid", "large"):
        found, wanted = getattr(ours, name), getattr(theirs, name)
        assert found.shape == wanted.shape
        assert found.dtype == torch.uint8
        assert found.is_contiguous(memory_format=torch.channels_last)
        limit = 0 if name == "large" else tolerance
        assert (found.int() - wanted.int()).abs().max() <= limit


def pairs(ours, theirs, epoch):
    return zip(
        ours.train_batches(3, seed=5, epoch=epoch),
        theirs.train_batches(3, seed=5, epoch=epoch),
        strict=True,
    )


def test_whole_images_are_the_same(folder):
    data = opened(folder)
    resident = ResidentPyramids(data, CPU)
    for epoch in (1, 2):
        for ours, theirs in pairs(resident, data, epoch):
            assert_close(ours, theirs, 0)
    for ours, theirs in zip(
        resident.validation_batches(2), data.validation_batches(2), strict=True
    ):
        assert_close(ours, theirs, 0)
    for name in ("fingerprint", "train_count", "validation_count", "validation_names"):
        assert getattr(resident, name) == getattr(data, name)


@pytest.mark.parametrize("resample", ["bilinear", "bicubic", "antialiased"])
def test_patches_are_the_same(folder, resample):
    data = opened(folder, resize="crop", resample=resample)
    resident = ResidentPyramids(data, CPU)
    for epoch in range(1, 12):  # all eight ways to turn them
        for ours, theirs in pairs(resident, data, epoch):
            # Pillow rounds between rows and columns.
            assert_close(ours, theirs, 1 if resample == "antialiased" else 2)


@pytest.mark.parametrize("way", range(8))
def test_each_way_to_turn_a_patch(way):
    patch = np.arange(36).reshape(6, 6)
    turns, mirrored = divmod(way, 2)
    wanted = np.rot90(patch[:, ::-1] if mirrored else patch, turns)
    row, column = turned_grid(6, torch.tensor([way])[:, None, None])
    assert np.array_equal(patch[row[0].numpy(), column[0].numpy()], wanted)


@pytest.mark.parametrize("resample", ["bilinear", "bicubic", "antialiased"])
def test_shrinking_is_that_of_the_host(resample):
    random = np.random.default_rng(0)
    image = Image.fromarray(random.integers(0, 256, (48, 48, 3), dtype=np.uint8))
    wanted = resize(image, 12, resample).astype(int)
    on_device = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None]
    found = shrink_on_device(on_device, 12, resample)[0].permute(1, 2, 0).numpy()
    assert np.abs(found - wanted).max() <= 1
    assert (found == wanted).mean() > 0.8


def test_the_size_is_that_of_the_pixels(folder):
    data = opened(folder)
    assert data.pixel_bytes == 5 * 3 * (10**2 + 20**2 + 40**2)
    cropped = opened(folder, resize="crop")
    whole = sum(3 * SIZES[index][0] * SIZES[index][1] for index in cropped.train_indices)
    assert cropped.pixel_bytes == data.pixel_bytes + whole


@pytest.mark.parametrize(
    ("resample", "can"), [("lanczos", False), ("nearest", False), ("bicubic", True)]
)
def test_what_only_pillow_can_do_stays_on_the_host(resample, can):
    assert can_be_resident(DataConfig(resize="crop", resample=resample)) == can
    assert can_be_resident(DataConfig(resize="squash", resample=resample))
