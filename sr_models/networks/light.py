"""Light networks of under 200,000 weights: a trunk at the small size, a head for each scale."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.networks.base import NetworkBase
from sr_models.networks.layers.residual_init import START, ResidualInit
from sr_models.scales import SCALES

if TYPE_CHECKING:
    from torch import nn


class LightConfig(NetworkBase):
    """A trunk of attention blocks and sub-pixel heads, in the manner of SPAN and VapSR.

    All work is done at the size of `x`, and both outputs share it but for their last convolution;
    so it predicts both for little more than what either takes.
    """

    type: Literal["light"] = "light"

    block: Literal["span", "vapsr"] = "span"
    """`span`: three convolutions and attention without weights (Wan et al. 2024, "Swift
    Parameter-free Attention Network"); `vapsr`: attention of a vast receptive field by dilated
    depthwise convolutions (Zhou et al. 2022, "Efficient Image Super-Resolution using
    Vast-Receptive-Field Attention"), a quarter of the weights, more of them in a row."""

    depth: int = Field(5, ge=1, le=64)
    """Blocks in the trunk."""

    channels: int = Field(32, ge=1, le=1024)
    """Feature maps throughout."""

    residual_init: ResidualInit = START
    """Standard deviation of what each block adds at first; 0: the last convolution of each block
    starts at zero, so that the block is an identity."""

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from torch import nn

        from sr_models.networks.layers.attention import span_block, vapsr_block
        from sr_models.networks.layers.blocks import Residual
        from sr_models.networks.layers.convolution import convolution
        from sr_models.networks.layers.image import HEAD_GAIN, Heads
        from sr_models.networks.layers.upsampling import sub_pixel

        block = {"span": span_block, "vapsr": vapsr_block}[self.block]
        blocks = (block(self.channels, start=self.residual_init) for _ in range(self.depth))
        last = convolution(self.channels, self.channels, gain=START)
        trunk = nn.Sequential(convolution(3, self.channels), Residual(nn.Sequential(*blocks, last)))
        heads = {
            output: sub_pixel(self.channels, 3, SCALES[output], gain=HEAD_GAIN)
            for output in self.outputs
        }
        return Heads(trunk, heads, self.skip)
