"""What training is fed with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
