"""What every optimizer's config promises."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


class OptimizerBase(FrozenConfig):
    """An optimizer that can be built; the learning rate is what a schedule scales."""

    learning_rate: float = Field(1e-3, gt=0, le=10)
    """The step size at the schedule's full height."""

    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer of these weights, of which all are trained."""
        raise NotImplementedError
