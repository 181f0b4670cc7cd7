"""What training asks of a data set."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sr_models.data import Batch


class TrainingData(Protocol):
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

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> "Iterator[Batch]":
        """Yield all training images once, in an order that derives from (seed, epoch)."""
        ...

    def validation_batches(self, batch_size: int) -> "Iterator[Batch]":
        """Yield all validation images in a fixed order."""
        ...
