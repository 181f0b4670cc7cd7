"""Optimizers by their configs. Importing this package does not import torch.

To add one: a file with its config, whose `build` makes the optimizer, and its name in the union.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sr_models.errors import CodeError
from sr_models.optimizers.adam import AdamConfig, AdamWConfig
from sr_models.optimizers.base import OptimizerBase
from sr_models.optimizers.lion import LionConfig
from sr_models.optimizers.own import OwnOptimizerConfig

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

OptimizerConfig = Annotated[
    AdamConfig | AdamWConfig | LionConfig | OwnOptimizerConfig, Field(discriminator="type")
]

__all__ = [
    "AdamConfig",
    "AdamWConfig",
    "LionConfig",
    "OptimizerBase",
    "OptimizerConfig",
    "OwnOptimizerConfig",
    "build_optimizer",
]


def build_optimizer(config: OptimizerBase, parameters: "Iterable[nn.Parameter]") -> "Optimizer":
    """Build the optimizer of those parameters that are to be trained.

    Args:
        config: which optimizer, with its settings.
        parameters: a network's, on the device where it is trained; frozen parameters are left out.

    Raises:
        CodeError: the network has nothing to train, or the user's own code returns no optimizer.
    """
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    if not trained:
        raise CodeError("the network has no weights to train")
    return config.build(trained)
