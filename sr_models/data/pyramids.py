"""The pyramids of a data set, ready for training: open them here, draw batches from them."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sr_models.data.batch import Batch, stack
from sr_models.data.cache import open_cache
from sr_models.data.cache_index import Cache, load_cache
from sr_models.data.config import DataConfig
from sr_models.data.overlap import taken_from_training
from sr_models.data.patches import random_patches
from sr_models.data.places import held_back
from sr_models.data.reasons import only_one, reasons
from sr_models.data.resample import Pixels
from sr_models.data.sources import Skipped
from sr_models.errors import DataError

Progress = Callable[[int, int], None]
Indices = NDArray[np.int64]


def open_pyramids(config: DataConfig, *, progress: Progress | None = None) -> "PyramidData":
    """Open the pyramids of a data set, and decode the images first unless the cache has them.

    Args:
        config: the images, their sizes, and which of them validate.
        progress: called with how many are decoded, and of how many.

    Raises:
        DataError: there are fewer than two usable images, or there is no space for the cache.
    """
    return PyramidData(config, open_cache(config, progress))


class PyramidData:
    """The pyramids of a data set, split into training and validation.

    Cheap to pickle: a copy in another process maps the same cache, whatever has happened to the
    files since, so all trials of a study see the same pixels.
    """

    def __init__(self, config: DataConfig, cache: Cache) -> None:
        self.config = config
        self.names = [image.name for image in cache.index.images]
        self.skipped = [Skipped(name, reason) for name, reason in cache.index.skipped]
        self._cache = cache
        if len(self.names) < 2:
            raise DataError(only_one(self.names[0], self.skipped))
        groups = [image.group for image in cache.index.images]
        self.validation_indices: Indices = np.array(
            held_back(config, self.names, groups, self.skipped)
        )
        rest = np.setdiff1d(np.arange(len(self.names)), self.validation_indices)
        self.train_indices: Indices = self._apart(rest)
        if not len(self.train_indices):
            raise DataError(f"no image is left for train{reasons(self.skipped)}")

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.config, self._cache.folder)

    @property
    def train_count(self) -> int:
        """Number of training images."""
        return len(self.train_indices)

    @property
    def validation_count(self) -> int:
        """Number of validation images."""
        return len(self.validation_indices)

    @property
    def train_names(self) -> list[str]:
        """Names of the training images."""
        return [self.names[index] for index in self.train_indices]

    @property
    def validation_names(self) -> list[str]:
        """Names of the validation images, in the order of `validation_batches`."""
        return [self.names[index] for index in self.validation_indices]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of pixels, settings and split: equal for equal data, on every machine."""
        settings = self.config.model_dump(include={"size", "resize", "resample"})
        images = sorted((image.name, image.digest) for image in self._cache.index.images)
        text = json.dumps([settings, images, sorted(self.validation_names)])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def validation_fingerprint(self) -> str:
        """A hash of the validation images, on which bicubic upscaling is scored."""
        return self.fingerprint

    def steps(self, batch_size: int) -> int:
        """Return how many batches an epoch has; each image is in exactly one of them."""
        return math.ceil(self.train_count / batch_size)

    def validation_steps(self, batch_size: int) -> int:
        """Return how many validation batches there are."""
        return math.ceil(self.validation_count / batch_size)

    def sample_images(self, count: int) -> Batch:
        """Return the first validation images, to look at."""
        return next(self.validation_batches(count))

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield all training images once; the last batch may be smaller.

        Their order, and the patches of `crop`, depend only on (seed, epoch): a resumed trial sees
        what it would have seen.
        """
        order = self.train_order(seed=seed, epoch=epoch)
        if self.config.resize == "squash":
            return self._fixed_batches(self.train_indices[order], batch_size)
        return random_patches(
            self._cache,
            self.train_indices,
            order,
            self.config,
            batch_size=batch_size,
            seeds=[seed, epoch],
        )

    def validation_batches(self, batch_size: int) -> Iterator[Batch]:
        """Yield all validation images in a fixed order; the last batch may be smaller."""
        return self._fixed_batches(self.validation_indices, batch_size)

    def train_order(self, *, seed: int, epoch: int) -> Indices:
        """Return a permutation of the training images, as positions in `train_indices`."""
        return np.random.default_rng([seed, epoch]).permutation(self.train_count)

    def fixed_arrays(self) -> tuple[Pixels, Pixels, Pixels]:
        """Return x, mid and large of all images, (N, side, side, 3) each, which must not be
        changed."""
        return self._cache.pyramids

    def whole_image(self, index: int) -> Pixels:
        """Return an image as it was decoded, (height, width, 3); only for `crop`."""
        return self._cache.full(index)

    @property
    def pixel_bytes(self) -> int:
        """Memory of all pixels."""
        fixed = sum(array.nbytes for array in self._cache.pyramids)
        whole = 3 * int(self._cache.sizes[self.train_indices].prod(axis=1).sum())
        return fixed + (whole if self.config.resize == "crop" else 0)

    def _fixed_batches(self, indices: Indices, batch_size: int) -> Iterator[Batch]:
        x, mid, large = self._cache.pyramids
        for start in range(0, len(indices), batch_size):
            rows = indices[start : start + batch_size]
            yield stack(x[rows], mid[rows], large[rows])

    def _apart(self, indices: Indices) -> Indices:
        """The images that do not also validate, if validation has its own place."""
        if isinstance(self.config.validation, float):
            return indices
        images = self._cache.index.images
        train, validation = (
            {images[index].name: images[index].digest for index in some}
            for some in (indices, self.validation_indices)
        )
        taken = taken_from_training(train, validation)
        self.skipped = [*taken.values(), *self.skipped]
        return np.array([i for i in indices if images[i].name not in taken], np.int64)


def _reopen(config: DataConfig, folder: Path) -> PyramidData:
    """Reopen the data in another process, perhaps on another machine, where the cache may be
    missing."""
    cache = load_cache(folder)
    return PyramidData(config, cache) if cache else open_pyramids(config)
