"""SRCNN: three convolutions over the image that bicubic upscaling gives."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.networks.base import NetworkBase
from sr_models.scales import SCALES

if TYPE_CHECKING:
    from torch import nn


class SrcnnConfig(NetworkBase):
    """Dong et al. 2014, "Learning a Deep Convolutional Network for Image Super-Resolution".

    9-1-5 (or, deeper, 9-5-5) on RGB; a separate network for each output, like the paper's for each
    scale. It works at the size of the output, and so is slow for its few weights.
    """

    type: Literal["srcnn"] = "srcnn"

    channels: int = Field(64, ge=1, le=1024)
    """Feature maps of the first convolution; the second has half as many."""

    kernels: Literal["9-1-5", "9-3-5", "9-5-5"] = "9-1-5"
    """Sizes of the three kernels, in pixels."""

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from torch import nn

        from sr_models.networks.layers.image import Heads

        heads = {output: self._head(SCALES[output]) for output in self.outputs}
        return Heads(nn.Identity(), heads, self.skip)

    def _head(self, scale: int) -> "nn.Module":
        from torch import nn

        from sr_models.networks.layers.convolution import convolution
        from sr_models.networks.layers.image import HEAD_GAIN, BicubicUpscale

        first, second, third = (int(kernel) for kernel in self.kernels.split("-"))
        half = max(1, self.channels // 2)
        return nn.Sequential(
            BicubicUpscale(scale),
            convolution(3, self.channels, kernel=first, gain=2**0.5),
            nn.ReLU(inplace=True),
            convolution(self.channels, half, kernel=second, gain=2**0.5),
            nn.ReLU(inplace=True),
            convolution(half, 3, kernel=third, gain=HEAD_GAIN),
        )
