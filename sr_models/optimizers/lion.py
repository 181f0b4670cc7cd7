"""Lion, which steps by the sign of its momentum."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.optimizers.adam import Beta
from sr_models.optimizers.base import OptimizerBase

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


class LionConfig(OptimizerBase):
    """Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"; from pytorch_optimizer.

    Every weight moves by the learning rate in each step, so it should be a third to a tenth of
    Adam's. It stores half as much as Adam. For other optimizers of that package: `{type: own, code:
    "pytorch_optimizer:Adan"}`.
    """

    type: Literal["lion"] = "lion"

    learning_rate: float = Field(1e-4, gt=0, le=10)
    """The learning rate where the schedule's factor is 1."""

    betas: tuple[Beta, Beta] = (0.9, 0.99)
    """Weight of the momentum in the step, and decay of the momentum, each from 0 to below 1."""

    weight_decay: float = Field(0.0, ge=0, le=10)
    """Fraction by which weights shrink in each step, times the learning rate."""

    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer."""
        from pytorch_optimizer import Lion

        found: Optimizer = Lion(
            weights, lr=self.learning_rate, betas=self.betas, weight_decay=self.weight_decay
        )
        return found
