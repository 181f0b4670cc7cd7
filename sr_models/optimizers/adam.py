"""Adam, and Adam with decoupled weight decay."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from sr_models.optimizers.base import OptimizerBase, learning_rate_options

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

Beta = Annotated[float, Field(ge=0, lt=1)]


class _AdamSettings(OptimizerBase):
    """What Adam and AdamW have in common."""

    betas: tuple[Beta, Beta] = (0.9, 0.999)
    """Decay of the running means of the gradient and of its square, each from 0 to below 1."""

    epsilon: float = Field(1e-8, gt=0, le=1)
    """Added to the denominator; larger values dampen the steps of rarely used weights."""

    def _options(self, weights: "Sequence[nn.Parameter]") -> dict[str, Any]:
        """PyTorch's names for the settings, and `fused`: a single kernel for all weights."""
        return {
            **learning_rate_options(self.learning_rate, weights),
            "betas": self.betas,
            "eps": self.epsilon,
            "fused": True,
        }


class AdamConfig(_AdamSettings):
    """Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"."""

    type: Literal["adam"] = "adam"

    weight_decay: float = Field(0.0, ge=0, le=10)
    """L2 penalty, added to the gradient."""

    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer."""
        from torch.optim import Adam

        return Adam(weights, weight_decay=self.weight_decay, **self._options(weights))


class AdamWConfig(_AdamSettings):
    """Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"."""

    type: Literal["adamw"] = "adamw"

    weight_decay: float = Field(0.01, ge=0, le=10)
    """Fraction by which weights shrink in each step, times the learning rate."""

    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer."""
        from torch.optim import AdamW

        return AdamW(weights, weight_decay=self.weight_decay, **self._options(weights))
