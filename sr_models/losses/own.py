"""A loss of one's own, by the name of its class or function."""

import inspect
from functools import partial
from typing import TYPE_CHECKING, Literal

from sr_models.losses.base import LossBase
from sr_models.own_code import OwnPart

if TYPE_CHECKING:
    from torch import nn


class OwnLossConfig(OwnPart, LossBase):
    """A loss that no file of this package knows.

    `code` is a class, called with `args`, whose module maps (prediction, target), (N, 3, H, W)
    float32 in [0, 1], to a scalar; or a function of (prediction, target) and `args`.
    """

    type: Literal["own"] = "own"

    def build(self) -> "nn.Module":
        """Build the loss.

        Raises:
            CodeError: the code cannot be imported, or does not take the arguments.
        """
        from torch import nn

        from sr_models.losses.criterion import FunctionLoss

        found = self.load()
        made = self.call() if inspect.isclass(found) else partial(found, **self.args)
        return made if isinstance(made, nn.Module) else FunctionLoss(made)
