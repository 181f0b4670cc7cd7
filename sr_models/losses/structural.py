"""Structural similarity as a loss."""

from typing import TYPE_CHECKING, Literal

from sr_models.losses.base import LossBase

if TYPE_CHECKING:
    from torch import Tensor, nn


class SsimConfig(LossBase):
    """1 - SSIM (Wang et al. 2004).

    As a loss: Zhao et al. 2017, "Loss Functions for Image Restoration with Neural Networks". The
    formula is in `sr_models.metrics.ssim`. It is insensitive to a shift in brightness: combine it
    with mae.
    """

    type: Literal["ssim"] = "ssim"

    def build(self) -> "nn.Module":
        """Build the loss."""
        from sr_models.losses.criterion import FunctionLoss

        return FunctionLoss(_dissimilarity)


def _dissimilarity(prediction: "Tensor", target: "Tensor") -> "Tensor":
    from sr_models.metrics.ssim import ssim

    return 1 - ssim(prediction, target).mean()
