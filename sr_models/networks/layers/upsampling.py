"""Doubling the height and width of feature maps, by the names in configs.

Importing this module does not import torch.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor, nn

Upsampler = Literal["nearest", "bilinear", "pixel_shuffle", "transposed"]
"""`pixel_shuffle` and `transposed` have weights, `nearest` and `bilinear` have none."""


def make_upsampler(name: Upsampler, channels: int) -> "nn.Module":
    """Build a module that maps (N, C, h, w) to (N, C, 2h, 2w)."""
    from torch import nn

    make: Mapping[Upsampler, Callable[[], nn.Module]] = {
        "nearest": lambda: nn.Upsample(scale_factor=2, mode="nearest"),
        "bilinear": lambda: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
        "pixel_shuffle": lambda: sub_pixel(channels, channels, 2),
        "transposed": lambda: transposed(channels, channels, 2),
    }
    return make[name]()


def sub_pixel(inputs: int, outputs: int, scale: int, *, gain: float = 1.0) -> "nn.Sequential":
    """Build a convolution to scale^2 times the channels, rearranged into a larger image.

    Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
    Convolutional Neural Network". By ICNR it starts as nearest-neighbour upsampling, without a
    checkerboard pattern: Aitken et al. 2017, "Checkerboard artifact free sub-pixel convolution".
    """
    import torch
    from torch import nn

    from sr_models.networks.layers.convolution import convolution

    layer = convolution(inputs, outputs * scale**2, gain=gain)
    with torch.no_grad():
        # PixelShuffle takes the scale^2 sub-pixels of an output channel from neighbouring rows.
        layer.weight.copy_(layer.weight[:: scale**2].repeat_interleave(scale**2, dim=0))
    return nn.Sequential(layer, nn.PixelShuffle(scale))


def transposed(inputs: int, outputs: int, scale: int, *, gain: float = 1.0) -> "nn.ConvTranspose2d":
    """Build a transposed convolution that starts as bilinear upsampling of mixed channels.

    The kernel (twice the scale) is a multiple of the stride, so that each pixel is a sum of equally
    many terms: Odena et al. 2016, "Deconvolution and Checkerboard Artifacts". Bilinear start: Long
    et al. 2015, "Fully Convolutional Networks".
    """
    import torch
    from torch import nn

    layer = nn.ConvTranspose2d(
        inputs, outputs, 2 * scale, stride=scale, padding=scale // 2, output_padding=scale % 2
    )
    mix = torch.randn(inputs, outputs, 1, 1) * gain / math.sqrt(inputs)
    with torch.no_grad():
        layer.weight.copy_(mix * _bilinear_kernel(scale))
        if layer.bias is not None:
            layer.bias.zero_()
    return layer


def _bilinear_kernel(scale: int) -> "Tensor":
    import torch

    position = torch.arange(2 * scale) + 0.5
    ramp = 1 - (position / scale - 1).abs()
    return ramp[:, None] * ramp[None, :]
