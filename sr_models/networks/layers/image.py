"""The conversion of a network's features to an image."""

from collections.abc import Mapping

from torch import Tensor, nn

from sr_models.bicubic import bicubic_upscale
from sr_models.networks.base import Skip
from sr_models.scales import SCALES, Output

MIDDLE = 0.5
"""Grey. Networks see and predict differences from it, which start near zero."""

HEAD_GAIN = 0.1
"""Gain of the last layer: images start near grey, or near bicubic, because differences are
small."""


def centred(x: Tensor) -> Tensor:
    """Shift (N, 3, h, w) from [0, 1] to [-0.5, 0.5]."""
    return x - MIDDLE


def compose(residual: Tensor, x: Tensor, output: Output, skip: Skip) -> Tensor:
    """Add a network's prediction to grey or to bicubic upscaling, in float32.

    Under bf16 autocast a sum in bf16 would round each pixel to steps of 1/256.

    Args:
        residual: the prediction, (N, 3, scale h, scale w).
        x: the input, (N, 3, h, w), RGB in [0, 1].
        output: which output it is.
        skip: what to add it to.
    """
    base = bicubic_upscale(x.float(), SCALES[output]) if skip == "bicubic" else MIDDLE
    return residual.float() + base


class BicubicUpscale(nn.Module):
    """Bicubic upscaling as a layer, in float32 even under autocast."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, h, w) to (N, C, scale h, scale w)."""
        return bicubic_upscale(x.float(), self.scale)


class Heads(nn.Module):
    """A trunk at the size of `x`, and a head for each output that upscales its features."""

    def __init__(self, trunk: nn.Module, heads: Mapping[Output, nn.Module], skip: Skip) -> None:
        super().__init__()
        self.trunk = trunk
        self.heads = nn.ModuleDict({output: heads[output] for output in heads})
        self.skip: Skip = skip

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to a float32 image for each output, not clamped."""
        features = self.trunk(centred(x))
        return {
            output: compose(self.heads[output](features), x, output, self.skip)
            for output in SCALES
            if output in self.heads
        }
