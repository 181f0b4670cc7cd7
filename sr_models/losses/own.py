"""The user's own loss, by the name of its class or function."""

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from sr_models.errors import CodeError
from sr_models.losses.base import LossBase
from sr_models.own_code import OwnPart

if TYPE_CHECKING:
    from torch import nn


class OwnLossConfig(OwnPart, LossBase):
    """A loss that this package does not know.

    `code` is a class, called with `args`, whose module maps (prediction, target), (N, 3, H, W)
    float32 in [0, 1], to a scalar; or a function of (prediction, target) and `args`.
    """

    type: Literal["own"] = "own"

    def build(self) -> "nn.Module":
        """Build the loss.

        Raises:
            CodeError: the code cannot be imported, or does not take the arguments.
        """
        from sr_models.losses.criterion import OwnLoss

        found = self.load()
        if inspect.isclass(found):
            return OwnLoss(self.code, self.call())
        self._require_fitting(found)
        return OwnLoss(self.code, partial(found, **self.args))

    def _require_fitting(self, function: Any) -> None:
        """Check, before any trial runs, that a function takes two images and `args`."""
        try:
            inspect.signature(function).bind(None, None, **self.args)
        except TypeError as error:
            raise CodeError(
                f"{self.code} cannot be called with prediction, target and args {self.args}: "
                f"{error}"
            ) from error
        except ValueError:  # some builtins have no signature
            return
