"""What training is fed with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sr_models.data.resample import Pixels

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """N pyramids: RGB, uint8 in [0, 255], on the CPU, in channels_last memory format."""

    x: "Tensor"  # (N, 3, s, s)
    mid: "Tensor"  # (N, 3, 2s, 2s)
    large: "Tensor"  # (N, 3, 4s, 4s)

    def __len__(self) -> int:
        return len(self.x)


def stack(x: Pixels, mid: Pixels, large: Pixels) -> Batch:
    """A batch of (N, side, side, 3) arrays, which it takes over without a copy.

    Channels are innermost in the arrays, as in a channels_last tensor.
    """
    import torch

    return Batch(*(torch.from_numpy(array).permute(0, 3, 1, 2) for array in (x, mid, large)))
