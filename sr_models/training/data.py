"""The interface of a data set for training."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sr_models.data import Batch


class ScoredImages(Protocol):
    """Images that a network is scored on."""

    def sample_images(self, count: int) -> "Batch":
        """Return the first images, for pictures: all of the same size."""
        ...

    def validation_batches(self, batch_size: int) -> "Iterator[Batch]":
        """Yield all images in a fixed order."""
        ...


class TrainingData(ScoredImages, Protocol):
    """Images for training and validation: `sr_models.data.PyramidData`, or part of it."""

    @property
    def fingerprint(self) -> str:
        """Equal for equal pixels and an equal split."""
        ...

    @property
    def train_count(self) -> int:
        """Number of training images."""
        ...

    @property
    def validation_count(self) -> int:
        """Number of validation images."""
        ...

    @property
    def validation_names(self) -> list[str]:
        """Names of the validation images, in the order of `validation_batches`."""
        ...

    @property
    def validation_fingerprint(self) -> str:
        """Equal for equal validation images."""
        ...

    def steps(self, batch_size: int) -> int:
        """Return how many batches an epoch has."""
        ...

    def validation_steps(self, batch_size: int) -> int:
        """Return how many validation batches there are."""
        ...

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> "Iterator[Batch]":
        """Yield the batches of an epoch, which depend only on (seed, epoch)."""
        ...
