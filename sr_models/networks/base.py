"""What every network's config has in common: which outputs it predicts, and over what."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal

from pydantic import field_validator

from sr_models.frozen import FrozenConfig
from sr_models.scales import Output

if TYPE_CHECKING:
    from torch import nn

Skip = Literal["none", "bicubic"]


class NetworkBase(FrozenConfig):
    """The settings that every network has, and the promise that it can be built."""

    outputs: tuple[Output, ...] = ("mid", "large")
    """What is predicted: `mid` (2 times the side of `x`), `large` (4 times), or both."""

    skip: Skip = "none"
    """`bicubic`: predict what is to be added to bicubic upscaling; `none`: the image itself."""

    @field_validator("outputs")
    @classmethod
    def outputs_are_mid_then_large(cls, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
        """One order only, so that two spellings of a setting are one setting."""
        if outputs not in {("mid",), ("large",), ("mid", "large")}:
            raise ValueError("must be [mid], [large] or [mid, large]")
        return outputs

    def state_prefix(self) -> str:
        """What the names of all weights begin with in the network, and not in a model file."""
        return ""

    @abstractmethod
    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network; without `pretrained`, leave out reading weights from elsewhere.

        It maps (N, 3, h, w), RGB in [0, 1], to one float32 image an output, not clamped.
        """
