"""Sums over the images of an epoch, kept on the device."""

import torch
from torch import Tensor


class MeanMeter:
    """Means by name, asked for once an epoch: each question makes the host wait for a GPU."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._sums: dict[str, Tensor] = {}
        self._images = 0

    def add(self, images: int, **sums: Tensor) -> None:
        """Take in a batch of so many images and its sums (scalars) over them."""
        self._images += images
        for name, value in sums.items():
            zero = torch.zeros((), dtype=torch.float64, device=self._device)
            self._sums[name] = self._sums.get(name, zero) + value.detach()

    def means(self) -> dict[str, float]:
        """Divide by the number of images."""
        return {name: float(total) / self._images for name, total in self._sums.items()}
