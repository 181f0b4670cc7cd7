"""Pyramids in the memory of a device, where patches are cut, turned and shrunk."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from sr_models.bicubic import imresize
from sr_models.data.batch import Batch
from sr_models.data.packed import PackedImages
from sr_models.data.patches import patch_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sr_models.data.config import DataConfig
    from sr_models.data.pyramids import PyramidData
    from sr_models.data.resample import Resample

_SHRINKING = ("bilinear", "bicubic", "antialiased")
"""Resampling methods that a device has; Pillow's other methods run on the host."""


def can_be_resident(config: "DataConfig") -> bool:
    """Return whether a device can make the batches that the config needs."""
    return config.resize == "squash" or config.resample in _SHRINKING


class ResidentPyramids:
    """The batches of `PyramidData`, as uint8 on a device.

    The images, their order and the patches are the same; only x and mid of a patch may differ by a
    level or two, because Pillow rounds between rows and columns.
    """

    def __init__(self, data: "PyramidData", device: torch.device) -> None:
        self._data = data
        self._device = device
        self._fixed = tuple(torch.tensor(a, device=device) for a in data.fixed_arrays())
        self._whole = _WholeImages(data, device) if data.config.resize == "crop" else None

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the data."""
        return self._data.fingerprint

    @property
    def train_count(self) -> int:
        """Number of training images."""
        return self._data.train_count

    @property
    def validation_count(self) -> int:
        """Number of validation images."""
        return self._data.validation_count

    @property
    def validation_names(self) -> list[str]:
        """Names of the validation images."""
        return self._data.validation_names

    @property
    def validation_fingerprint(self) -> str:
        """The fingerprint of the validation images."""
        return self._data.validation_fingerprint

    def steps(self, batch_size: int) -> int:
        """Return how many batches an epoch has."""
        return self._data.steps(batch_size)

    def validation_steps(self, batch_size: int) -> int:
        """Return how many validation batches there are."""
        return self._data.validation_steps(batch_size)

    def sample_images(self, count: int) -> Batch:
        """Return the first validation images, to look at."""
        return next(self.validation_batches(count))

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield all training images once; the last batch may be smaller."""
        order = self._data.train_order(seed=seed, epoch=epoch)
        if self._whole is not None:
            yield from self._whole.batches(order, batch_size, seeds=[seed, epoch])
            return
        yield from self._batches(self._data.train_indices[order], batch_size)

    def validation_batches(self, batch_size: int) -> Iterator[Batch]:
        """Yield all validation images in a fixed order."""
        yield from self._batches(self._data.validation_indices, batch_size)

    def _batches(self, indices: "NDArray[np.int64]", batch_size: int) -> Iterator[Batch]:
        rows = torch.from_numpy(indices).to(self._device)
        for some in torch.split(rows, batch_size):
            x, mid, large = (images[some].permute(0, 3, 1, 2) for images in self._fixed)
            yield Batch(x, mid, large)


class _WholeImages:
    """All training images of a `crop`."""

    def __init__(self, data: "PyramidData", device: torch.device) -> None:
        self._config = data.config
        images = [data.whole_image(int(index)) for index in data.train_indices]
        self._sizes = np.array([image.shape[:2] for image in images])
        self._packed = PackedImages(images, device)

    def batches(
        self, order: "NDArray[np.int64]", batch_size: int, *, seeds: list[int]
    ) -> Iterator[Batch]:
        """Cut a patch of each image, in the given order."""
        places = torch.from_numpy(patch_places(self._sizes, self._config.sides[2], seeds))
        places = places.to(self._packed.device)
        for rows in torch.split(torch.from_numpy(order).to(places.device), batch_size):
            yield self._batch(rows, places[rows])

    def _batch(self, rows: Tensor, places: Tensor) -> Batch:
        side, half, quarter = (self._config.sides[level] for level in (2, 1, 0))
        large = self._packed.patches(rows, places, side)
        x, mid = (shrink_on_device(large, s, self._config.resample) for s in (quarter, half))
        return Batch(x, mid, large)


def shrink_on_device(images: Tensor, side: int, resample: "Resample") -> Tensor:
    """Resize square images, (N, 3, S, S) uint8, to (N, 3, side, side), rounded to uint8."""
    if resample == "antialiased":
        small = imresize(images.float(), side, side)
    else:
        small = torch.nn.functional.interpolate(
            images.float(), size=(side, side), mode=resample, align_corners=False, antialias=True
        )
    return small.round().clamp(0, 255).to(torch.uint8).contiguous(memory_format=torch.channels_last)
