"""The user's own optimizer, or any of PyTorch's, by the name of its class."""

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from sr_models.errors import CodeError
from sr_models.optimizers.base import OptimizerBase, learning_rate_options
from sr_models.own_code import OwnPart

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


class OwnOptimizerConfig(OwnPart, OptimizerBase):
    """An optimizer that this package does not know, such as `torch.optim:SGD`.

    `code` is called with the weights, `lr` and `args`, and returns a `torch.optim.Optimizer`.
    """

    type: Literal["own"] = "own"

    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer.

        Raises:
            CodeError: the code cannot be imported, or returns no optimizer.
        """
        from torch.optim import Optimizer

        options = learning_rate_options(self.learning_rate, weights)
        given = options if self.takes("capturable") else {"lr": self.learning_rate}
        made = self.call(weights, **given)
        if not isinstance(made, Optimizer):
            raise CodeError(
                f"{self.code} returns {type(made).__name__}, not a torch.optim.Optimizer"
            )
        try:
            inspect.signature(made.step).bind()
        except TypeError as error:
            raise CodeError(
                f"{self.code}: its step cannot be called without arguments ({error}), as training "
                "does; such an optimizer cannot be used"
            ) from error
        return made
