"""The base class of the optimizers' configs."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


class OptimizerBase(FrozenConfig):
    """An optimizer that can be built; a schedule scales the learning rate."""

    learning_rate: float = Field(1e-3, gt=0, le=10)
    """The learning rate where the schedule's factor is 1."""

    @abstractmethod
    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer of these weights, all of which are trained."""


def learning_rate_options(rate: float, weights: "Sequence[nn.Parameter]") -> dict[str, Any]:
    """Return the learning rate as arguments of PyTorch's optimizers.

    On a GPU it is a tensor, and so is the number of the step (`capturable`): then a CUDA graph can
    hold the optimizer's step, and the host need not wait for the device.
    """
    import torch

    device = weights[0].device
    if device.type != "cuda":
        return {"lr": rate}
    return {"lr": torch.tensor(rate, device=device), "capturable": True}
