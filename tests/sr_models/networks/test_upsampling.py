"""Upsamplers: what they are before training."""

import pytest
import torch
from torch.nn import functional as F

from sr_models.networks.layers.convolution import convolution
from sr_models.networks.layers.upsampling import make_upsampler, sub_pixel, transposed


@pytest.mark.parametrize("name", ["nearest", "bilinear", "pixel_shuffle", "transposed"])
def test_each_doubles_the_size_and_keeps_the_channels(name: str) -> None:
    assert make_upsampler(name, 5)(torch.rand(2, 5, 7, 4)).shape == (2, 5, 14, 8)


@pytest.mark.parametrize("scale", [2, 4])
def test_icnr_starts_without_a_checkerboard(scale: int) -> None:
    """All sub-pixels of a pixel are alike: a convolution, then nearest neighbours."""
    upsampler = sub_pixel(6, 3, scale)
    x = torch.rand(2, 6, 9, 5)
    enlarged = upsampler(x)
    assert torch.equal(enlarged, F.interpolate(enlarged[..., ::scale, ::scale], scale_factor=scale))
    assert enlarged.std() > 0.1


@pytest.mark.parametrize("scale", [2, 4])
def test_transposed_convolution_starts_as_bilinear(scale: int) -> None:
    layer = transposed(1, 1, scale)
    x = torch.rand(1, 1, 8, 7)
    mixed = layer(x) / layer.weight.sum() * scale**2
    bilinear = F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
    inner = (..., slice(scale, -scale), slice(scale, -scale))
    torch.testing.assert_close(mixed[inner], bilinear[inner])


def test_convolutions_keep_the_deviation() -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 64, 32, 32)
    for kernel, dilation in ((3, 1), (3, 3), (5, 1), (1, 1)):
        y = convolution(64, 64, kernel=kernel, dilation=dilation)(x)
        assert y.shape == x.shape
        assert y.std().item() == pytest.approx(1, abs=0.12)
