"""Losses that compare pixel by pixel."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sr_models.losses.base import LossBase

if TYPE_CHECKING:
    from torch import Tensor, nn


class MseConfig(LossBase):
    """Mean squared error, mean((p - t)^2): best for PSNR, but blurs."""

    type: Literal["mse"] = "mse"

    def build(self) -> "nn.Module":
        """Build the loss."""
        from torch import nn

        return nn.MSELoss()


class MaeConfig(LossBase):
    """Mean absolute error, mean(|p - t|).

    Zhao et al. 2017, "Loss Functions for Image Restoration with Neural Networks": better PSNR
    than training on the squared error.
    """

    type: Literal["mae"] = "mae"

    def build(self) -> "nn.Module":
        """Build the loss."""
        from torch import nn

        return nn.L1Loss()


class CharbonnierConfig(LossBase):
    """A smooth absolute error, mean(sqrt((p - t)^2 + epsilon^2)).

    Charbonnier et al. 1994, "Two Deterministic Half-Quadratic Regularization Algorithms"; in
    super-resolution since Lai et al. 2017, "Deep Laplacian Pyramid Networks".
    """

    type: Literal["charbonnier"] = "charbonnier"

    epsilon: float = Field(1e-3, gt=0, le=1)
    """Where the square turns into the absolute value, in units of [0, 1] intensity."""

    def build(self) -> "nn.Module":
        """Build the loss."""
        from sr_models.losses.criterion import FunctionLoss

        return FunctionLoss(self._charbonnier)

    def _charbonnier(self, prediction: "Tensor", target: "Tensor") -> "Tensor":
        return ((prediction - target).square() + self.epsilon**2).sqrt().mean()
