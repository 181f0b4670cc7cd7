"""A batch of training or validation images."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sr_models.data.resample import Pixels
from sr_models.scales import SCALES, Output

if TYPE_CHECKING:
    from torch import Tensor


Shape = tuple[int, ...]
Shapes = tuple[Shape, Shape | None, Shape | None]


@dataclass(frozen=True)
class Batch:
    """N examples: RGB, uint8 in [0, 255], in channels_last memory format.

    `mid` or `large` is None if these examples have no such target: pairs of a single scale, or a
    photograph that was shrunk for a single scale.
    """

    x: "Tensor"  # (N, 3, s, s)
    mid: "Tensor | None"  # (N, 3, 2s, 2s)
    large: "Tensor | None"  # (N, 3, 4s, 4s)
    whole: bool = False
    """A single whole image, to be scored like test sets (see `sr_models.metrics.protocol`)."""
    grey: bool = False
    """Whether a whole image's file has a single channel."""

    def __len__(self) -> int:
        return len(self.x)

    @property
    def targets(self) -> "dict[Output, Tensor]":
        """The images to predict, by output."""
        found = {output: getattr(self, output) for output in SCALES}
        return {output: images for output, images in found.items() if images is not None}

    @property
    def shapes(self) -> "Shapes":
        """The shapes of x, mid and large."""
        mid, large = (
            None if images is None else tuple(images.shape) for images in (self.mid, self.large)
        )
        return tuple(self.x.shape), mid, large

    def map(self, change: "Callable[[Tensor], Tensor]") -> "Batch":
        """Return the batch with each of its tensors changed."""
        return replace(
            self,
            x=change(self.x),
            mid=None if self.mid is None else change(self.mid),
            large=None if self.large is None else change(self.large),
        )


def stack(x: Pixels, mid: Pixels | None, large: Pixels | None) -> Batch:
    """Return a batch of (N, side, side, 3) arrays, without copying them.

    Channels are the last dimension of the arrays, like in memory for a channels_last tensor.
    """
    import torch

    def tensor(array: Pixels) -> "Tensor":
        return torch.from_numpy(array).permute(0, 3, 1, 2)

    return Batch(
        tensor(x),
        None if mid is None else tensor(mid),
        None if large is None else tensor(large),
    )
