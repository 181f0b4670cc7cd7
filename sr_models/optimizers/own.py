"""An optimizer of one's own, or of PyTorch's others, by the name of its class."""

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
    """An optimizer that no file of this package knows, such as `torch.optim:SGD`.

    `code` takes the weights, `lr` and `args`, and makes a `torch.optim.Optimizer`.
    """

    type: Literal["own"] = "own"

    def build(self, weights: "Sequence[nn.Parameter]") -> "Optimizer":
        """Build the optimizer.

        Raises:
            CodeError: the code cannot be imported, or makes no optimizer.
        """
        from torch.optim import Optimizer

        options = learning_rate_options(self.learning_rate, weights)
        given = options if self.takes("capturable") else {"lr": self.learning_rate}
        made = self.call(weights, **given)
        if not isinstance(made, Optimizer):
            raise CodeError(f"{self.code} makes {type(made).__name__}, no torch.optim.Optimizer")
        try:
            inspect.signature(made.step).bind()
        except TypeError as error:
            raise CodeError(
                f"{self.code}: its step cannot be called without arguments ({error}), as training "
                "does; such an optimizer cannot be used"
            ) from error
        return made
