"""Photographs in the memory of a device, where patches are cut and turned."""

from collections.abc import Iterator

import numpy as np
import torch

from sr_models.data.batch import Batch
from sr_models.data.packed import PackedImages
from sr_models.data.patch_data import PLACES, PatchData


class ResidentPatches(PatchData):
    """The batches of `PatchData`, bit for bit, as uint8 on a device; validation stays on the host.

    Not for data with a degradation, which the host applies to each patch.
    """

    def __init__(self, data: PatchData, device: torch.device) -> None:
        assert data.config.degradation is None
        super().__init__(*data.parts)
        scales = self._train[0].low
        self._high = PackedImages([photograph.high.pixels() for photograph in self._train], device)
        self._low = {
            scale: PackedImages(
                [photograph.low[scale].pixels() for photograph in self._train], device
            )
            for scale in scales
        }

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield random patches; they derive from (seed, epoch) alone."""
        first = (epoch - 1) * self.patches.steps
        for step in range(first, first + self.patches.steps):
            yield self._batch(batch_size, seed, step)

    def _batch(self, batch_size: int, seed: int, step: int) -> Batch:
        generator = np.random.default_rng([seed, step, PLACES])
        found = list(self._places(batch_size, seed, step, generator))
        device, side = self._high.device, self.config.size
        rows = torch.tensor([row for row, _ in found]).to(device, non_blocking=True)
        places = torch.tensor([place for _, place in found]).to(device, non_blocking=True)

        def cut(images: PackedImages, scale: int) -> torch.Tensor:
            return images.patches(rows, places * places.new_tensor([scale, scale, 1]), scale * side)

        if self._kind(seed, step) == "x2":
            return Batch(cut(self._low[2], 1), cut(self._high, 2), None)
        mid = cut(self._low[2], 2) if 2 in self._low else None
        return Batch(cut(self._low[4], 1), mid, cut(self._high, 4))
