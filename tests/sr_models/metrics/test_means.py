"""Means over images, of one output and of all."""

import pytest
import torch

from sr_models.metrics import IMAGE_METRICS, ImageScores

GENERATOR = torch.Generator().manual_seed(0)
TARGETS = torch.rand(6, 3, 16, 16, generator=GENERATOR)
NOISY = (TARGETS + 0.05 * torch.randn(6, 3, 16, 16, generator=GENERATOR)).clamp(0, 1)


def means(predictions, targets, sizes):
    scores = ImageScores()
    for some, wanted in zip(predictions.split(sizes), targets.split(sizes), strict=True):
        scores.take("mid", some, wanted)
    return scores.means()


def test_the_size_of_the_batches_does_not_matter():
    whole, parts = means(NOISY, TARGETS, [6]), means(NOISY, TARGETS, [4, 1, 1])
    assert whole == pytest.approx(parts, abs=1e-9)
    assert {"psnr", "psnr_mid", "ssim", "ssim_mid"} <= set(whole)
    assert {name for name in whole if not name.endswith("_mid")} == {m.name for m in IMAGE_METRICS}


def test_an_image_of_one_colour_has_no_part_in_psnr():
    black = torch.zeros(2, 3, 16, 16)
    found = means(torch.cat([NOISY, black]), torch.cat([TARGETS, black]), [8])
    assert found["psnr_mid"] == pytest.approx(means(NOISY, TARGETS, [6])["psnr_mid"])
    assert means(black, black, [2])["psnr_mid"] == pytest.approx(100)
