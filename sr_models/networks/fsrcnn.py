"""FSRCNN: shrink the features, map them, expand them, and upscale at the very end."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.networks.base import NetworkBase
from sr_models.scales import SCALES

if TYPE_CHECKING:
    from torch import nn


class FsrcnnConfig(NetworkBase):
    """Dong et al. 2016, "Accelerating the Super-Resolution Convolutional Neural Network".

    FSRCNN(d, s, m) on RGB. The outputs share a trunk, with a transposed convolution for each:
    section 3.4 of the paper shares all but the last layer across scales.
    """

    type: Literal["fsrcnn"] = "fsrcnn"

    channels: int = Field(56, ge=1, le=1024)
    """The paper's d: feature maps before and after the mapping."""

    mapping_channels: int = Field(12, ge=1, le=1024)
    """The paper's s: feature maps in the mapping."""

    mapping_depth: int = Field(4, ge=1, le=64)
    """The paper's m: 3x3 convolutions in the mapping."""

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from sr_models.networks.layers.image import HEAD_GAIN, Heads
        from sr_models.networks.layers.upsampling import transposed

        heads = {
            output: transposed(self.channels, 3, SCALES[output], gain=HEAD_GAIN)
            for output in self.outputs
        }
        return Heads(self._trunk(), heads, self.skip)

    def _trunk(self) -> "nn.Module":
        from torch import nn

        from sr_models.networks.layers.blocks import conv_block

        wide, narrow = self.channels, self.mapping_channels
        mapping = (conv_block(narrow, narrow, "prelu") for _ in range(self.mapping_depth))
        return nn.Sequential(
            conv_block(3, wide, "prelu", kernel=5),
            conv_block(wide, narrow, "prelu", kernel=1),
            *mapping,
            conv_block(narrow, wide, "prelu", kernel=1),
        )
