"""Pyramids of a data set, ready to be trained on: open them here, draw batches from them."""

from collections.abc import Callable, Iterator

from sr_models.data.batch import Batch
from sr_models.data.config import DataConfig
from sr_models.data.sources import Skipped

Progress = Callable[[int, int], None]


def open_pyramids(config: DataConfig, *, progress: Progress | None = None) -> "PyramidData":
    """Open the pyramids of a data set, decoding the images first unless the cache has them.

    `progress(done, total)` is called after each decoded image. Raises `DataError` where there
    are no two usable images, or no room for the cache.
    """
    raise NotImplementedError


class PyramidData:
    """The pyramids of one data set, split. Cheap to pickle: a copy maps the same cache."""

    names: list[str]
    validation_names: list[str]  # in the order of `validation_batches`
    skipped: list[Skipped]
    train_count: int
    validation_count: int
    fingerprint: str  # of the pixels, the sizes and the split: equal data, equal fingerprint

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> Iterator[Batch]:
        """All training images once, in an order (and, for `crop`, patches) of (seed, epoch)."""
        raise NotImplementedError

    def validation_batches(self, batch_size: int) -> Iterator[Batch]:
        """All validation images in a fixed order."""
        raise NotImplementedError
