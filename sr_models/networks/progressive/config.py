"""The progressive family: double the size, predict, double again."""

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, field_validator, model_validator

from sr_models.networks.base import NetworkBase
from sr_models.networks.layers.activations import Activation
from sr_models.networks.layers.residual_init import ResidualInit
from sr_models.networks.layers.upsampling import Upsampler, make_upsampler
from sr_models.networks.progressive.features import Features, NoFeatures, Vgg16Features
from sr_models.scales import SCALES, Output

if TYPE_CHECKING:
    from torch import nn

Block = Literal["conv", "residual", "dilated"]

DEFAULT_DILATIONS = (1, 2, 4)


class ProgressiveConfig(NetworkBase):
    """Blocks, upsampling and a convolution to RGB, once for `mid` and once more for `large`.

    The second stage works on the features of the first, as in LapSRN (Lai et al. 2017).
    """

    type: Literal["progressive"] = "progressive"

    block: Block = "residual"
    """The blocks before each upsampling: plain convolutions, residual or dilated blocks."""

    depth: int = Field(2, ge=1, le=64)
    """Number of blocks before each upsampling. The first plain convolution takes RGB as its input;
    other blocks follow such a convolution."""

    channels: int = Field(64, ge=1, le=1024)
    """Feature maps throughout."""

    activation: Activation = "relu"
    """The activation after the convolutions."""

    dilations: tuple[int, ...] | None = None
    """Dilated blocks only: a convolution for each dilation, in pixels; by default [1, 2, 4]."""

    residual_init: ResidualInit | None = None
    """Residual and dilated blocks: standard deviation of what each adds at first; 0: the last
    convolution of each block starts at zero, so that the block is an identity. By default 0.1 for
    residual and 0.2 for dilated blocks."""

    upsampler: Upsampler = "nearest"
    """How feature maps are doubled in size."""

    features: Features = NoFeatures()
    """Features of a pretrained network that are added to those of the first convolution."""

    @field_validator("dilations")
    @classmethod
    def dilations_are_distances(cls, dilations: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """Check that there is a convolution, and that all dilations are positive."""
        if dilations is not None and (not dilations or min(dilations) < 1):
            raise ValueError("must be one or more whole numbers from 1 on")
        return dilations

    @model_validator(mode="after")
    def dilations_belong_to_dilated_blocks(self) -> Self:
        """Refuse a setting that would change nothing."""
        if self.dilations is not None and self.block != "dilated":
            raise ValueError(
                f"dilations {list(self.dilations)} need block: dilated, not block: {self.block} "
                "(in a search: `when: {network.block: dilated}`)"
            )
        return self

    @model_validator(mode="after")
    def residual_init_changes_blocks_that_can_be_trained(self) -> Self:
        """Check that blocks add something, and that gradients pass: a ReLU at zero has none."""
        if self.residual_init is not None and self.block == "conv":
            raise ValueError(
                f"residual_init {self.residual_init:g} needs block: residual or block: dilated "
                "(in a search: `when: {network.block: [residual, dilated]}`)"
            )
        if self.residual_init == 0 and self.block == "dilated" and self.activation == "relu":
            raise ValueError(
                "residual_init 0 with dilated blocks and relu would never train: the gradient of "
                "relu at zero is zero; choose another activation or a residual_init above 0"
            )
        return self

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from sr_models.networks.layers.blocks import conv_block
        from sr_models.networks.layers.convolution import convolution
        from sr_models.networks.layers.image import HEAD_GAIN
        from sr_models.networks.progressive.network import Progressive

        deepest = SCALES[self.outputs[-1]]
        return Progressive(
            entry=conv_block(3, self.channels, self.activation),
            laterals=self._laterals(pretrained=pretrained),
            stages={output: self._stage(output) for output in SCALES if SCALES[output] <= deepest},
            heads={
                output: convolution(self.channels, 3, gain=HEAD_GAIN) for output in self.outputs
            },
            skip=self.skip,
        )

    def _laterals(self, *, pretrained: bool) -> "nn.Module | None":
        if not isinstance(self.features, Vgg16Features):
            return None
        from sr_models.networks.progressive.laterals import Laterals

        return Laterals(self.features, self.channels, pretrained=pretrained)

    def _stage(self, output: Output) -> "nn.Module":
        from torch import nn

        # The entry is the first stage's first plain convolution.
        blocks = self.depth - (self.block == "conv" and output == "mid")
        return nn.Sequential(
            *(self._block() for _ in range(blocks)), make_upsampler(self.upsampler, self.channels)
        )

    def _block(self) -> "nn.Module":
        from sr_models.networks.layers.blocks import conv_block, dilated_block, residual_block

        if self.block == "conv":
            return conv_block(self.channels, self.channels, self.activation)
        more = {} if self.residual_init is None else {"start": self.residual_init}
        if self.block == "residual":
            return residual_block(self.channels, self.activation, **more)
        dilations = self.dilations or DEFAULT_DILATIONS
        return dilated_block(self.channels, self.activation, dilations, **more)
