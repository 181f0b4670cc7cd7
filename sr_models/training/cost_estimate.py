"""An estimate of what a run will cost, before it is started."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from torch import Tensor

from sr_models.config import TrainConfig
from sr_models.networks import build_network
from sr_models.training.data import TrainingData
from sr_models.training.malloc import release_freed_memory
from sr_models.training.out_of_memory import explaining_out_of_memory
from sr_models.training.peak_memory import peak_memory, reset_peak_memory
from sr_models.training.pictures import picture_bytes
from sr_models.training.run import TrainingRun

if TYPE_CHECKING:
    from sr_models.data import Batch

_MEASURED_BATCHES = 3
_ROW_BYTES = 400  # bytes of an epoch's metrics in a checkpoint
_NO_BASELINE = {"validation/psnr_mid": 0.0, "validation/psnr_large": 0.0}


@dataclass(frozen=True)
class Estimate:
    """What a trial of a config takes on this machine."""

    seconds_per_epoch: float
    """Training and validation of an epoch; pictures and checkpoint add about 0.1 s."""
    peak_memory_bytes: int
    """On a GPU, the memory that PyTorch reserves; otherwise of the whole process."""
    checkpoint_bytes: int
    """See the function `checkpoint_bytes`."""
    picture_bytes_per_epoch: int
    """Disk space of the pictures of an epoch."""


def estimate(config: TrainConfig, data: TrainingData, *, threads: int | None = None) -> Estimate:
    """Measure a few real steps of training and validation, and extrapolate to an epoch.

    Args:
        config: what to train.
        data: the images.
        threads: CPU threads; None for no limit.

    Raises:
        UserError: as `TrainingRun`.
        OutOfMemoryError: the config does not fit on this machine.
    """
    release_freed_memory()
    reset_peak_memory()
    batch_size = config.training.batch_size
    run = TrainingRun(
        config, data=_Excerpt(data, batch_size), baseline=_NO_BASELINE, threads=threads
    )
    with explaining_out_of_memory(config, run.runtime):
        run.train(1)  # the first step also chooses and compiles kernels
        run.validate()
        run.data = _Excerpt(data, _MEASURED_BATCHES * batch_size)
        seconds_per_step = _seconds(lambda: run.train(2)) / run.data.steps(batch_size)
        seconds_per_batch = _seconds(run.validate) / run.data.validation_steps(batch_size)
    return Estimate(
        seconds_per_step * data.steps(batch_size)
        + seconds_per_batch * data.validation_steps(batch_size),
        peak_memory(run.runtime.device),
        checkpoint_bytes(config),
        picture_bytes(data, config.training.pictures, config.network.outputs),
    )


def checkpoint_bytes(config: TrainConfig) -> int:
    """Return the disk space of a running trial: two checkpoints and the best weights.

    For a trial that will not continue, `discard_checkpoint` leaves the best weights: a seventh with
    Adam, and less with frozen features or an average. Pictures are not included.
    """
    network = build_network(config.network, pretrained=False)
    weights = _bytes(network.state_dict().values())
    trained = _bytes(weight for weight in network.parameters() if weight.requires_grad)
    average = trained if config.training.ema is not None else 0
    rows = _ROW_BYTES * config.training.max_epochs
    return 2 * (weights + 2 * trained + average + rows) + weights


class _Excerpt:
    """The first images of a data set."""

    def __init__(self, data: TrainingData, images: int) -> None:
        self._data = data
        self.fingerprint = data.fingerprint
        self._images = images
        self.train_count = min(images, data.train_count)
        self.validation_count = min(images, data.validation_count)
        self.validation_names = data.validation_names[:images]
        self.validation_fingerprint = data.validation_fingerprint

    def steps(self, batch_size: int) -> int:
        return min(_steps(self._images, batch_size), self._data.steps(batch_size))

    def validation_steps(self, batch_size: int) -> int:
        return min(_steps(self._images, batch_size), self._data.validation_steps(batch_size))

    def sample_images(self, count: int) -> "Batch":
        return self._data.sample_images(count)

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> "Iterator[Batch]":
        batches = self._data.train_batches(batch_size, seed=seed, epoch=epoch)
        return islice(batches, self.steps(batch_size))

    def validation_batches(self, batch_size: int) -> "Iterator[Batch]":
        batches = self._data.validation_batches(batch_size)
        return islice(batches, self.validation_steps(batch_size))


def _seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _steps(images: int, batch_size: int) -> int:
    return math.ceil(images / batch_size)


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors)
