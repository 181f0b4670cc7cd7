"""What training asks of a data set."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sr_models.data import Batch


class ScoredImages(Protocol):
    """Images that a network is scored on."""

    def sample_images(self, count: int) -> "Batch":
        """Of the first ones, what pictures are made of: all of one size."""
        ...

    def validation_batches(self, batch_size: int) -> "Iterator[Batch]":
        """Yield all of them in a fixed order."""
        ...


class TrainingData(ScoredImages, Protocol):
    """Images that train and images that validate: `sr_models.data.PyramidData`, or part of it."""

    @property
    def fingerprint(self) -> str:
        """Equal for equal pixels and an equal split."""
        ...

    @property
    def train_count(self) -> int:
        """How many images train."""
        ...

    @property
    def validation_count(self) -> int:
        """How many images validate."""
        ...

    @property
    def validation_names(self) -> list[str]:
        """Names of the validation images, in the order of `validation_batches`."""
        ...

    @property
    def validation_fingerprint(self) -> str:
        """Equal for equal images that validate."""
        ...

    def steps(self, batch_size: int) -> int:
        """How many batches an epoch has."""
        ...

    def validation_steps(self, batch_size: int) -> int:
        """How many batches validate."""
        ...

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> "Iterator[Batch]":
        """Yield the batches of an epoch, which derive from (seed, epoch)."""
        ...
