"""Degradations: what each does, what is drawn, and what is fixed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from sr_models.data import DataConfig, PatchData, open_data
from sr_models.data.degradation import DegradationConfig
from sr_models.data.resample import Pixels, resize_to


def made(**settings: Any) -> DegradationConfig:
    return DegradationConfig.model_validate(settings)


def noise_image(side: int = 48) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)


def applied(pixels: Pixels, seed: int = 0, **settings: Any) -> Pixels:
    return made(**settings).apply(pixels, 4, np.random.default_rng(seed))


def test_nothing_is_the_bicubic_of_papers() -> None:
    pixels = noise_image()
    assert np.array_equal(applied(pixels), resize_to(pixels, 12, 12, "antialiased"))


def test_blur_takes_contrast() -> None:
    deviations = [applied(noise_image(), blur=blur).std() for blur in (0, 2, 8)]
    assert deviations[0] > 1.5 * deviations[1] > 2 * deviations[2]


def test_noise_has_its_sigma() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    assert applied(grey, noise=10).std() == pytest.approx(10, rel=0.05)


def test_jpeg_is_a_jpeg_of_its_quality() -> None:
    pixels = noise_image()
    small = resize_to(pixels, 12, 12, "antialiased").astype(int)
    errors = [np.abs(applied(pixels, jpeg=quality) - small).mean() for quality in (100, 50, 5)]
    assert errors[0] < errors[1] < errors[2]


def test_the_kernel_is_the_one_named() -> None:
    pixels = noise_image()
    assert np.array_equal(applied(pixels, resample="nearest"), resize_to(pixels, 12, 12, "nearest"))


def test_ranges_and_choices_are_drawn() -> None:
    grey = np.full((120, 120, 3), 128, np.uint8)
    drawn = [applied(grey, seed, noise={"low": 2, "high": 20}).std() for seed in range(40)]
    assert 2 <= min(drawn) < 6
    assert 16 < max(drawn) <= 20.5
    chosen = {round(applied(grey, s, noise={"choice": [0, 10]}).std()) for s in range(20)}
    assert chosen == {0, 10}
    assert np.array_equal(applied(grey, 3, noise=5), applied(grey, 3, noise=5))


ONE = r"^1 validation error(.|\n)*"
"""Of a value, a range and a choice, only what was meant is spoken of."""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blur": -1}, "greater than or equal to 0"),
        (
            {"blur": {"low": 3, "high": 1}},
            ONE + r"low 3 must not be above high 1",
        ),
        ({"jpeg": {"low": 3}}, ONE + r"high(.|\n)*Field required"),
        ({"noise": {"choice": [300]}}, ONE + r"less than or equal to 255"),
        ({"noise": {"choice": [3], "low": 2}}, "takes low and high, or choice, but not both"),
        ({"blur": {"low": 0, "high": 99}}, "blur must be between 0 and 20"),
        ({"jpeg": {"choice": []}}, "must not be empty"),
        ({"jpeg": 0}, "greater than or equal to 1"),
        ({"resample": "magic"}, "antialiased"),
        ({"blurr": 1}, "Extra inputs"),
    ],
)
def test_what_cannot_be_is_said(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        made(**settings)


def opened(folder: Path, **settings: Any) -> PatchData:
    for number in range(4):
        Image.fromarray(noise_image(64 + number)).save(folder / f"{number}.png")
    config = {
        "source": {"type": "folder", "path": folder},
        "size": 8,
        "resample": "antialiased",
        "patches": {"steps": 8},
        **settings,
    }
    data = open_data(DataConfig.model_validate(config))
    assert isinstance(data, PatchData)
    return data


def test_patches_are_cut_from_what_the_whole_photograph_becomes(tmp_path: Path) -> None:
    plain = opened(tmp_path)
    same = opened(tmp_path, degradation={"blur": 0})
    pairs = zip(
        plain.train_batches(4, seed=0, epoch=1),
        same.train_batches(4, seed=0, epoch=1),
        strict=True,
    )
    for one, other in pairs:
        assert np.abs(one.x[:1].int().numpy() - other.x[:1].int().numpy()).max() <= 1


def test_each_patch_is_drawn_for_itself_and_validation_is_fixed(tmp_path: Path) -> None:
    noisy = {"noise": {"low": 0, "high": 60}}
    data = opened(tmp_path, degradation=noisy)
    first = [batch.x.numpy() for batch in data.train_batches(4, seed=0, epoch=1)]
    again = [batch.x.numpy() for batch in data.train_batches(4, seed=0, epoch=1)]
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    one, other = (
        [batch.x.numpy() for batch in found.validation_batches(1)]
        for found in (data, opened(tmp_path, degradation=noisy))
    )
    assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_trials_with_other_degradations_validate_on_the_same_images(tmp_path: Path) -> None:
    fixed = {"blur": 2.0}
    found = [
        opened(tmp_path, degradation={"noise": noise}, validation_degradation=fixed)
        for noise in (0.0, 30.0)
    ]
    assert found[0].validation_fingerprint == found[1].validation_fingerprint
    assert found[0].fingerprint != found[1].fingerprint
    clean = opened(tmp_path, degradation={"noise": 0.0})
    assert clean.validation_fingerprint != found[0].validation_fingerprint
