"""EDSR's baseline: a deep residual trunk at the small size, and sub-pixel upscaling."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.networks.base import NetworkBase
from sr_models.networks.layers.residual_init import START, ResidualInit
from sr_models.scales import SCALES

if TYPE_CHECKING:
    from torch import nn


class EdsrConfig(NetworkBase):
    """Lim et al. 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution".

    The defaults are its baseline. The outputs share a trunk and have separate upscaling, as in the
    paper's MDSR.
    """

    type: Literal["edsr"] = "edsr"

    blocks: int = Field(16, ge=1, le=64)
    """Residual blocks in the trunk."""

    channels: int = Field(64, ge=1, le=1024)
    """Feature maps throughout."""

    residual_scale: float = Field(1.0, gt=0, le=1)
    """Factor of each residual branch; the paper's large model has 0.1."""

    residual_init: ResidualInit = START
    """Standard deviation of what each block adds at first; 0: the last convolution of each block
    starts at zero, so that the block is an identity."""

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from torch import nn

        from sr_models.networks.layers.blocks import Residual, residual_block
        from sr_models.networks.layers.convolution import convolution
        from sr_models.networks.layers.image import Heads

        blocks = (
            residual_block(
                self.channels, "relu", scale=self.residual_scale, start=self.residual_init
            )
            for _ in range(self.blocks)
        )
        body = Residual(nn.Sequential(*blocks, convolution(self.channels, self.channels)))
        trunk = nn.Sequential(convolution(3, self.channels), body)
        heads = {output: self._head(SCALES[output]) for output in self.outputs}
        return Heads(trunk, heads, self.skip)

    def _head(self, scale: int) -> "nn.Module":
        from torch import nn

        from sr_models.networks.layers.convolution import convolution
        from sr_models.networks.layers.image import HEAD_GAIN
        from sr_models.networks.layers.upsampling import sub_pixel

        doublings = scale.bit_length() - 1
        return nn.Sequential(
            *(sub_pixel(self.channels, self.channels, 2) for _ in range(doublings)),
            convolution(self.channels, 3, gain=HEAD_GAIN),
        )
