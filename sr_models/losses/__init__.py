"""Losses by their configs. Importing this package does not import torch.

To add one: a file with its config, whose `build` makes the loss, and a line in `SingleLoss`.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from sr_models.frozen import FrozenConfig
from sr_models.losses.base import LossBase
from sr_models.losses.fourier import FourierConfig
from sr_models.losses.lpips import LpipsLossConfig
from sr_models.losses.own import OwnLossConfig
from sr_models.losses.perceptual import PerceptualConfig
from sr_models.losses.pixel import CharbonnierConfig, MaeConfig, MseConfig
from sr_models.losses.structural import SsimConfig

if TYPE_CHECKING:
    from torch import nn

SingleLoss = (
    MseConfig
    | MaeConfig
    | CharbonnierConfig
    | SsimConfig
    | FourierConfig
    | PerceptualConfig
    | LpipsLossConfig
    | OwnLossConfig
)


class Term(FrozenConfig):
    """A loss of a sum."""

    weight: float = Field(1.0, gt=0)
    """The factor of the loss."""

    loss: Annotated[SingleLoss, Field(discriminator="type")]
    """Any loss except a sum."""


class SumConfig(LossBase):
    """The weighted sum of losses."""

    type: Literal["sum"] = "sum"

    terms: dict[str, Term]
    """The losses, under names of your choice: a search reaches `loss.terms.NAME.weight`."""

    @field_validator("terms")
    @classmethod
    def a_sum_has_terms(cls, terms: dict[str, Term]) -> dict[str, Term]:
        """Check that there is something to minimise."""
        if not terms:
            raise ValueError("a sum needs at least one term")
        return terms

    def build(self) -> "nn.Module":
        """Build the loss."""
        from sr_models.losses.criterion import WeightedSum

        losses = [term.loss.build() for term in self.terms.values()]
        return WeightedSum(losses, [term.weight for term in self.terms.values()])


LossConfig = Annotated[SingleLoss | SumConfig, Field(discriminator="type")]

__all__ = [
    "CharbonnierConfig",
    "FourierConfig",
    "LossBase",
    "LossConfig",
    "LpipsLossConfig",
    "MaeConfig",
    "MseConfig",
    "OwnLossConfig",
    "PerceptualConfig",
    "SsimConfig",
    "SumConfig",
    "Term",
    "build_loss",
]


def build_loss(config: LossBase) -> "nn.Module":
    """Build a loss: (prediction, target), each (N, 3, H, W) in [0, 1], to a float32 scalar.

    Raises:
        WeightsError: the loss needs pretrained weights that are not available.
    """
    from sr_models.losses.criterion import Criterion

    return Criterion(config.build())
