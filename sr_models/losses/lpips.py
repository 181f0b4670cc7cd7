"""LPIPS as a loss."""

from typing import TYPE_CHECKING, Literal

from sr_models.losses.base import LossBase
from sr_models.perceptual import LpipsConfig

if TYPE_CHECKING:
    from torch import Tensor, nn


class LpipsLossConfig(LpipsConfig, LossBase):
    """LPIPS of prediction and target, mean over the images (see `LpipsConfig`).

    It ignores absolute colours, and leaves patterns if it is used alone: combine it with mae. `vgg`
    is smoother to train on than `alex`, which is better for judging the result.
    """

    type: Literal["lpips"] = "lpips"

    def build(self) -> "nn.Module":
        """Build the loss.

        Raises:
            WeightsError: the weights are not available.
        """
        from torch import nn

        class MeanLpips(nn.Module):
            def __init__(self, measure: nn.Module) -> None:
                super().__init__()
                self.measure = measure

            def forward(self, prediction: "Tensor", target: "Tensor") -> "Tensor":
                loss: Tensor = self.measure(prediction, target).mean()
                return loss

        return MeanLpips(self.build_measure())
