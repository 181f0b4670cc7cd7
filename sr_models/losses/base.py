"""The base class of the losses' configs."""

from abc import abstractmethod
from typing import TYPE_CHECKING

from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from torch import nn


class LossBase(FrozenConfig):
    """A loss that can be built."""

    @abstractmethod
    def build(self) -> "nn.Module":
        """Build a module from (prediction, target), (N, 3, H, W) float32, to a scalar."""
