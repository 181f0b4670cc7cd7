"""The progressive family: double the size, predict, double again."""

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, field_validator, model_validator

from sr_models.networks.activation_names import Activation
from sr_models.networks.base import NetworkBase
from sr_models.networks.progressive.features import Features, NoFeatures
from sr_models.networks.upsampler_names import Upsampler

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
    """What stands before each upsampling: plain convolutions, residual or dilated blocks."""

    depth: int = Field(2, ge=1, le=64)
    """Blocks before each upsampling. The first plain convolution is the one that takes RGB in;
    the other blocks follow one that does."""

    channels: int = Field(64, ge=1, le=1024)
    """Feature maps throughout."""

    activation: Activation = "relu"
    """After the convolutions."""

    dilations: tuple[int, ...] | None = None
    """Dilated blocks only: one convolution for each, in pixels. Unset, they are [1, 2, 4]."""

    upsampler: Upsampler = "nearest"
    """How feature maps are doubled in size."""

    features: Features = NoFeatures()
    """Features of a pretrained network that join the first convolution's."""

    @field_validator("dilations")
    @classmethod
    def dilations_are_distances(cls, dilations: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """At least one convolution, and no distance below one pixel."""
        if dilations is not None and (not dilations or min(dilations) < 1):
            raise ValueError("dilations must be one or more whole numbers from 1 on")
        return dilations

    @model_validator(mode="after")
    def dilations_belong_to_dilated_blocks(self) -> Self:
        """A setting that would change nothing is a mistake."""
        if self.dilations is not None and self.block != "dilated":
            raise ValueError(
                f"dilations {list(self.dilations)} need block: dilated, not block: {self.block} "
                "(in a search: `when: {network.block: dilated}`)"
            )
        return self

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network."""
        from sr_models.networks.progressive.network import Progressive

        return Progressive(self, pretrained=pretrained)
