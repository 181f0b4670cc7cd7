"""Optimisers by their configs. Importing this module does not import torch."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

Beta = Annotated[float, Field(ge=0, lt=1)]


class _AdamSettings(FrozenConfig):
    """What Adam and AdamW have in common."""

    learning_rate: float = Field(1e-3, gt=0, le=10)
    """The step size at the schedule's full height."""

    betas: tuple[Beta, Beta] = (0.9, 0.999)
    """Decay of the running means of the gradient and of its square, each from 0 to below 1."""

    epsilon: float = Field(1e-8, gt=0, le=1)
    """Added to the denominator; larger values dampen the steps of rarely used weights."""


class AdamConfig(_AdamSettings):
    """Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"."""

    type: Literal["adam"] = "adam"

    weight_decay: float = Field(0.0, ge=0, le=10)
    """L2 penalty, added to the gradient."""


class AdamWConfig(_AdamSettings):
    """Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"."""

    type: Literal["adamw"] = "adamw"

    weight_decay: float = Field(0.01, ge=0, le=10)
    """By which share of themselves, times the learning rate, weights shrink each step."""


OptimizerConfig = Annotated[AdamConfig | AdamWConfig, Field(discriminator="type")]


def build_optimizer(
    config: AdamConfig | AdamWConfig, parameters: "Iterable[nn.Parameter]"
) -> "Optimizer":
    """Build the optimiser of those parameters that are to be trained."""
    from torch.optim import Adam, AdamW

    trained = [parameter for parameter in parameters if parameter.requires_grad]
    kind = Adam if isinstance(config, AdamConfig) else AdamW
    # One kernel for all weights: on a GPU, small networks wait for launches more than for sums.
    options: dict[str, Any] = {"fused": True} if trained[0].is_cuda else {}
    return kind(
        trained,
        lr=config.learning_rate,
        betas=config.betas,
        eps=config.epsilon,
        weight_decay=config.weight_decay,
        **options,
    )
