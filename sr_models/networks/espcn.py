"""ESPCN: all the work at the small size, and sub-pixel convolution at the end."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.networks.base import NetworkBase
from sr_models.networks.layers.activations import Activation
from sr_models.scales import SCALES

if TYPE_CHECKING:
    from torch import nn


class EspcnConfig(NetworkBase):
    """Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient
    Sub-Pixel Convolutional Neural Network".

    5-3-3 on RGB, tanh by default as in the paper; the sub-pixel convolution is each output's own.
    """

    type: Literal["espcn"] = "espcn"

    channels: int = Field(64, ge=2, le=1024)
    """Feature maps of the first convolution; the second has half as many."""

    activation: Activation = "tanh"
    """The activation after the first two convolutions."""

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from torch import nn

        from sr_models.networks.layers.blocks import conv_block
        from sr_models.networks.layers.image import HEAD_GAIN, Heads
        from sr_models.networks.layers.upsampling import sub_pixel

        half = self.channels // 2
        trunk = nn.Sequential(
            conv_block(3, self.channels, self.activation, kernel=5),
            conv_block(self.channels, half, self.activation),
        )
        heads = {
            output: sub_pixel(half, 3, SCALES[output], gain=HEAD_GAIN) for output in self.outputs
        }
        return Heads(trunk, heads, self.skip)
