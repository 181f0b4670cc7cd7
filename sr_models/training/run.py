"""Training a model, from its config to its last epoch."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from sr_models.atomic import remove_leftovers
from sr_models.config import TrainConfig
from sr_models.data import Batch, open_data
from sr_models.inference.model_file import model_bytes
from sr_models.losses import build_loss
from sr_models.metrics.registry import (
    IMAGE_METRICS,
    LUMA_METRICS,
    own_metrics,
    yielded_names,
)
from sr_models.training.baseline import baseline_psnr, known_baseline
from sr_models.training.checkpoint import read_checkpoint
from sr_models.training.data import TrainingData
from sr_models.training.epoch import Epoch
from sr_models.training.epoch_files import EpochFiles, WrittenEpochs
from sr_models.training.finite import require_finite
from sr_models.training.goal import Goal
from sr_models.training.malloc import keep_freed_memory, release_freed_memory
from sr_models.training.mean_meter import MeanMeter
from sr_models.training.out_of_memory import explaining_out_of_memory
from sr_models.training.pictures import bicubic_scores
from sr_models.training.prefetch import prefetch
from sr_models.training.reproducible import Reproducible
from sr_models.training.resident import on_device
from sr_models.training.runtime import choose_runtime
from sr_models.training.state import TrainingState
from sr_models.training.step import EagerStep
from sr_models.training.step_choice import StepChoice
from sr_models.training.validation import Samples, Validation, validate

# Reading the loss makes the host wait for a GPU, but reading it only at the end of a long epoch
# would waste most of the epoch on a run that has already diverged.
_STEPS_BETWEEN_CHECKS = 25

_VALIDATED_AT_ONCE = 64
"""Images in a batch of validation on a GPU; small batches would leave it half idle."""


class TrainingRun:
    """Trains a model, an epoch at a time.

        from sr_models import TrainConfig, TrainingRun

        config = TrainConfig.model_validate({"training": {"max_epochs": 3}})
        run = TrainingRun(config, folder="my_model")
        for epoch in run.epochs():
            print(epoch.number, epoch.metrics["validation/psnr"], epoch.metrics["validation/gain"])

    With a folder, `best.safetensors` (weights and config of the best epoch), pictures and a
    checkpoint are written to it after each epoch. A run that finds a checkpoint there continues
    from it, with the same numbers as if uninterrupted. Without a folder, nothing is written.

    Args:
        config: what to train.
        data: the images, if they are already open; by default those of `config.data`.
        folder: the folder of the model.
        baseline: scores of bicubic upscaling on `data`; by default they are computed, once.
        threads: CPU threads for PyTorch, in the whole process; by default unchanged.
        goal: the metric that decides about the best epoch, patience and plateaus.
        start_after: number of epochs that the caller knows already; they are not yielded again.
        before_saving: called before anything is saved; raises if that is not allowed any more.
        write_behind: write the files of an epoch while the next epoch trains. The epoch is
            yielded as soon as they are complete, between two steps; `network` is then ahead of it.

    Raises:
        UserError: the data, the weights, the device or the checkpoint are not as they should be.
    """

    def __init__(
        self,
        config: TrainConfig,
        *,
        data: TrainingData | None = None,
        folder: Path | str | None = None,
        baseline: Mapping[str, float] | None = None,
        threads: int | None = None,
        goal: Goal = Goal(),  # noqa: B008 - frozen
        start_after: int = 0,
        before_saving: Callable[[], None] = lambda: None,
        write_behind: bool = False,
    ) -> None:
        self.config = config
        self.data: TrainingData = (
            open_data(config.data, config.network.outputs) if data is None else data
        )
        self.folder = None if folder is None else Path(folder)
        self._known = start_after
        self._before_saving = before_saving
        self._write_behind = write_behind and folder is not None
        self._within_epoch = False
        if threads is not None:
            torch.set_num_threads(threads)
        self.runtime = choose_runtime(config.training)
        if self.runtime.device.type == "cpu":
            keep_freed_memory()
        self._outputs = config.network.outputs
        self._metrics = (*IMAGE_METRICS, *own_metrics(config.metrics))
        self._bicubic = baseline_psnr(baseline or known_baseline(self.data), self._outputs)
        self._samples = config.training.pictures if self.folder else 0
        self._bicubic_samples = bicubic_scores(self.data, self._samples)
        with Reproducible(self.runtime.device, config.seed):
            self._criterion = self.runtime.place(build_loss(config.loss)).eval()
        self._state = TrainingState(config, self.runtime, self.data.fingerprint, goal)
        clip = config.training.gradient_clip
        self._eager = EagerStep(self._state, self._criterion, self.runtime, clip)
        self._choice = StepChoice(config.training.step, self._eager)
        on_gpu = self.runtime.device.type == "cuda"
        self._validation_batch = max(config.training.batch_size, _VALIDATED_AT_ONCE * on_gpu)
        self._resident: tuple[TrainingData, TrainingData] | None = None
        self._resume()

    @property
    def network(self) -> nn.Module:
        """The current network; with averaged weights if the config asks for them."""
        return self._state.average.network

    @property
    def ended_by(self) -> Literal["max_epochs", "patience"] | None:
        """Why there is no next epoch, if there is none."""
        if self._state.epoch >= self.config.training.max_epochs:
            return "max_epochs"
        return "patience" if self._state.early_stopping.exhausted else None

    def epochs(self) -> Iterator[Epoch]:
        """Train; yield each epoch when it is validated and on disk.

        Epochs that are in a checkpoint but unknown to the caller come first, unchanged. Stop
        iterating to stop training; a second iteration continues where the first stopped.

        Raises:
            NonFiniteError: a loss or metric is NaN or infinite.
            OutOfMemoryError: with what to change.
            CheckpointError: the epoch cannot be written (the disk is full).
        """
        if self._within_epoch:  # the caller has stopped iterating
            self._choice.reset()
            self._resume()
        try:
            for row in chain(tuple(self._state.rows), self._further()):
                if row.number > self._known:
                    self._known = row.number
                    last = row.number == self._state.epoch and self.ended_by is not None
                    yield replace(row, last=last)
        finally:
            release_freed_memory()

    def _further(self) -> Iterator[Epoch]:
        with WrittenEpochs() as written:
            while self.ended_by is None:
                try:
                    row, samples = yield from self._epoch(self._state.epoch + 1, written)
                except Exception:
                    yield from written.rest()
                    raise
                yield from written.rest()
                write = self._take(row, samples)
                if self._write_behind:
                    written.put(row, write)
                else:
                    write()
                    yield row
            yield from written.rest()

    def _epoch(
        self, number: int, written: WrittenEpochs
    ) -> Generator[Epoch, None, tuple[Epoch, Samples]]:
        """Train and validate; yield the previous epoch in between, once its files are written."""
        started, clock = time.time(), time.perf_counter()
        self._within_epoch = True
        with (
            explaining_out_of_memory(self.config, self.runtime),
            Reproducible(self.runtime.device, self.config.seed, number) as seeded,
        ):
            for _ in self._steps(number):
                if written.ready:
                    left = time.perf_counter()
                    with seeded.paused():
                        yield from written.rest()
                    clock += time.perf_counter() - left
            metrics = _train_metrics(self._eager.meter)
            self._require_finite(metrics, number)
            validation, samples = self.validate()
            metrics |= validation
            self._require_finite(metrics, number)
        metrics["seconds"] = time.perf_counter() - clock
        # Not twice the wall clock, which may be set back in between.
        return Epoch(number, metrics, started, started + metrics["seconds"]), samples

    def train(self, number: int) -> dict[str, float]:
        """Train on all training images once, without validation; return `train/...`."""
        for _ in self._steps(number):
            pass
        return _train_metrics(self._eager.meter)

    def _steps(self, number: int) -> Iterator[None]:
        """Like `train`, with a pause after each step."""
        steps = self.data.steps(self.config.training.batch_size)
        meter = self._eager.meter
        meter.reset()
        self._state.network.train()
        for index, batch in enumerate(self._train_batches(number)):
            self._state.set_learning_rate(number - 1 + (index + 0.5) / steps)
            step = self._choice.step_for(batch, steps=steps * self._epochs_left())
            self._state.average.advance()
            step(batch)
            meter.count(len(batch))
            if (index + 1) % _STEPS_BETWEEN_CHECKS == 0:
                self._require_finite(_train_metrics(meter), number)
            yield

    def _train_batches(self, number: int) -> Iterator[Batch]:
        batches = self._source().train_batches(
            self.config.training.batch_size, seed=self.config.seed, epoch=number
        )
        return prefetch(batches, self.runtime.device)

    def _source(self) -> TrainingData:
        """The data, or their copy on the GPU."""
        if self._resident is None or self._resident[0] is not self.data:
            self._resident = self.data, on_device(self.data, self.runtime.device)
        return self._resident[1]

    def _epochs_left(self) -> int:
        return self.config.training.max_epochs - self._state.epoch

    def validate(self) -> tuple[dict[str, float], Samples]:
        """Score the network; return `validation/...` and predictions to look at."""
        validation = self._validated()
        yielded = yielded_names([*self._metrics, *LUMA_METRICS], self._outputs)
        wanted = ["loss", *yielded, "ms_per_image"]
        metrics = {
            f"validation/{name}": validation.metrics[name]
            for name in wanted
            if name in validation.metrics
        }
        metrics["validation/gain"] = metrics["validation/psnr"] - self._bicubic
        return metrics, validation.samples

    def _validated(self) -> Validation:
        """Validate in batches as large as the memory allows."""
        while True:
            try:
                return validate(
                    self.network,
                    self._criterion,
                    self._source(),
                    self.runtime.exact,
                    outputs=self._outputs,
                    batch_size=self._validation_batch,
                    metrics=self._metrics,
                    samples=self._samples,
                )
            except torch.OutOfMemoryError:
                if self._validation_batch <= self.config.training.batch_size:
                    raise
                self._validation_batch //= 2
                torch.cuda.empty_cache()

    def _require_finite(self, metrics: Mapping[str, float], epoch: int) -> None:
        require_finite(metrics, epoch, self.config, self.runtime)

    def _take(self, row: Epoch, samples: Samples) -> Callable[[], None]:
        """Add the epoch to the state; return a function that writes its files."""
        best = self._state.take(row)
        self._within_epoch = False
        if self.folder is None:
            return lambda: None
        files = EpochFiles(
            number=row.number,
            samples=samples.on_host(),
            bicubic=self._bicubic_samples,
            best=model_bytes(self.network, self.config, row.metrics) if best else None,
            checkpoint=self._state.checkpoint(),
        )
        return partial(files.write, self.folder, self._before_saving)

    def _resume(self) -> None:
        if self.folder is None or not self.folder.is_dir():
            return
        remove_leftovers(self.folder)
        checkpoint = read_checkpoint(self.folder)
        if checkpoint is not None:
            self._state.restore(checkpoint)


def _train_metrics(meter: MeanMeter) -> dict[str, float]:
    return {f"train/{name}": mean for name, mean in meter.means().items()}
