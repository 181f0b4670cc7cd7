"""Means over the images of an epoch, accumulated on the device."""

from collections.abc import Sequence

import torch
from torch import Tensor


class MeanMeter:
    """Means by name, to be read a few times per epoch, because each read waits for the GPU.

    Args:
        names: of the means.
        device: where the sums are kept, always in the same memory: a CUDA graph may add to them.
    """

    def __init__(self, names: Sequence[str], device: torch.device) -> None:
        self.sums = torch.zeros(len(names), dtype=torch.float64, device=device)
        self._names = tuple(names)
        self._images = 0

    def reset(self) -> None:
        """Start again, for a new epoch."""
        self.sums.zero_()
        self._images = 0

    def add(self, *sums: Tensor) -> None:
        """Add a batch's sums over its images (scalars), in the order of the names."""
        self.sums += torch.stack([value.detach().double() for value in sums])

    def count(self, images: int) -> None:
        """Note how many images the last sums were over."""
        self._images += images

    def means(self) -> dict[str, float]:
        """Return the sums divided by the number of images."""
        means = self.sums / self._images
        return dict(zip(self._names, means.tolist(), strict=True))
