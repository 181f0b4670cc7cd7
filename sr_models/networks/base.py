"""What all networks' configs have in common: the outputs, and what they are added to."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal

from pydantic import field_validator

from sr_models.frozen import FrozenConfig
from sr_models.scales import Output

if TYPE_CHECKING:
    from torch import nn

Skip = Literal["none", "bicubic"]


class NetworkBase(FrozenConfig):
    """Settings that every network has."""

    outputs: tuple[Output, ...] = ("mid", "large")
    """The outputs: `mid` (2 times the side of `x`), `large` (4 times), or both."""

    skip: Skip = "none"
    """`bicubic`: predict the difference from bicubic upscaling; `none`: the image itself."""

    @field_validator("outputs")
    @classmethod
    def outputs_are_mid_then_large(cls, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
        """Allow a single order, so that no setting can be written in two ways."""
        if outputs not in {("mid",), ("large",), ("mid", "large")}:
            raise ValueError("must be [mid], [large] or [mid, large]")
        return outputs

    def state_prefix(self) -> str:
        """Return the prefix that the names of all weights have in the network, but not in a model
        file."""
        return ""

    @abstractmethod
    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network, which maps (N, 3, h, w), RGB in [0, 1], to images by output.

        Args:
            pretrained: whether to read pretrained weights.

        Returns:
            A module whose output images are float32 and not clamped.
        """
