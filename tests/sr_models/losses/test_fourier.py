"""The distance of spectra."""

import numpy as np
import pytest
import torch

from sr_models.losses import FourierConfig, LpipsLossConfig, build_loss


def test_it_is_the_mean_difference_of_the_spectra() -> None:
    generator = torch.Generator().manual_seed(0)
    prediction, target = torch.rand(2, 2, 3, 12, 10, generator=generator)
    spectrum = np.fft.rfft2((prediction - target).numpy(), norm="ortho")
    wanted = (np.abs(spectrum.real) + np.abs(spectrum.imag)).mean() / 2
    found = build_loss(FourierConfig())(prediction, target)
    assert float(found) == pytest.approx(wanted, rel=1e-4)


def test_lpips_is_a_loss_too() -> None:
    loss = build_loss(LpipsLossConfig(network="squeeze", weights="random"))
    image = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert float(loss(image, image)) == pytest.approx(0, abs=1e-6)
    assert float(loss(image, image.flip(0))) > 0
