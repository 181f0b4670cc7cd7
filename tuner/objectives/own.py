"""The user's training code as the engine sees it: checked, counted, and resumed."""

import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from sr_models.frozen import FrozenConfig
from sr_models.source import Source
from tuner.objectives.base import BaseObjective
from tuner.objectives.checkpoint import CheckpointStore
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.metric import Metric, by_name
from tuner.objectives.output import Output
from tuner.objectives.protocol import Cost, Epoch, Progress, TrialContext
from tuner.objectives.returned import epoch_metrics, length, numbers, prepared
from tuner.objectives.trial import Trial

SECONDS = Metric("seconds", "minimize", unit="s", label="time of the epoch", minor=True)
"""Measured for every objective that does not yield it itself."""


class OwnObjective:
    """Makes an `Objective` of a `BaseObjective`.

    Args:
        name: its `type` in a study file.
        training: the code.
        source: where the code can be found again; None for a part of this package.
        metrics: metrics that the study declares, in addition to those of the code.
    """

    def __init__(
        self,
        name: str,
        training: BaseObjective,
        source: Source | None = None,
        metrics: Sequence[Metric] = (),
    ) -> None:
        self.name = name
        self.training = training
        self.source = source
        self.declares_metrics = bool(training.metrics or metrics)
        declared = by_name([*training.metrics, *metrics])
        self.metrics = tuple(
            {**declared, SECONDS.name: declared.get(SECONDS.name, SECONDS)}.values()
        )
        self.config_type: type[FrozenConfig] = training.config_type
        self.keeps_weights = tuple(training.keeps_weights)
        self.fingerprinted = tuple(training.fingerprinted)

    def configured(self, config: FrozenConfig) -> Self:
        """Return the same objective: no config adds metrics."""
        return self

    def with_metrics(self, metrics: Sequence[Metric]) -> "OwnObjective":
        """Return the objective with metrics that a study declares for it."""
        return OwnObjective(self.name, self.training, self.source, metrics)

    def prepare(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Call the code's `prepare`.

        What it returns becomes the study's `data`; baselines of metrics are kept beside it.
        """
        found = self.training.prepare(config, folder, progress)
        data = prepared(found, f"prepare of {self.name}")
        labels = {metric.baseline_label for metric in self.metrics if metric.baseline_label}
        measured = {key: data[key] for label in labels if (key := f"baseline_{label}") in data}
        for key, values in measured.items():
            if not isinstance(values, Mapping):
                raise ObjectiveError(
                    f"{self.name}: prepare returns {key} = {values!r}; it must be a dictionary: "
                    "metric -> value"
                )
        return {"data": data, **measured}

    def static_metrics(self, config: FrozenConfig) -> dict[str, float]:
        """Return the code's static metrics as plain numbers."""
        return numbers(self.training.static_metrics(config), "static_metrics")

    def max_epochs(self, config: FrozenConfig) -> int | None:
        """Return after how many epochs a trial ends; None if only its own code knows."""
        return length(self.training.max_epochs(config), f"max_epochs of {self.name}")

    def cost(self, config: FrozenConfig, threads: int, progress: Progress) -> Cost | None:
        """Return what the code says that a trial takes."""
        found: Any = self.training.cost(config, threads, progress)
        if found is None or isinstance(found, Cost):
            return found
        raise ObjectiveError(f"cost of {self.name} returned {found!r}; it must be a Cost, or None")

    def run(self, config: FrozenConfig, context: TrialContext) -> Iterator[Epoch]:
        """Train from the saved state; epochs that are already recorded are not yielded again."""
        store = CheckpointStore(context.folder)
        checkpoint = store.newest(most=context.recorded + 1)
        trial = Trial(self.training.params(config), context, checkpoint)
        if checkpoint is not None and checkpoint.epoch.number > context.recorded:
            yield checkpoint.epoch  # saved, but the run was killed before it was recorded
        last = self.max_epochs(config)
        if last is not None and trial.epoch >= last:
            return
        with (
            closing(Output(context.folder)) as output,
            _staying(self.name),
            closing(self._epochs(config, trial, output)) as epochs,
        ):
            for epoch in epochs:
                context.still_ours()
                store.commit(epoch)
                if epoch.number > context.recorded:
                    yield epoch
                if epoch.number == last:
                    return

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Copy the donor's state, in the code's own way if it has one."""
        self.training.copy_weights(donor, folder, epoch=epoch)

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete the saved state, in the code's own way if it has one."""
        self.training.discard_checkpoint(folder)

    def _epochs(self, config: FrozenConfig, trial: Trial, output: Output) -> Generator[Epoch]:
        """The yielded metrics as epochs, counted from the state that the code started with."""
        number, started = trial.epoch, time.time()
        with output.taken():
            yielded = self._yielded(config, trial)
        try:
            for found in output.each(yielded):
                number, ended = number + 1, time.time()
                trial.next_epoch = number + 1
                metrics = epoch_metrics(found, number)
                metrics.setdefault(SECONDS.name, ended - started)
                yield Epoch(number, metrics, started, ended)
                started = time.time()
        finally:
            with output.taken():
                self._close(yielded)
        if number == 0:
            raise ObjectiveError(f"{self.name} ended without yielding the metrics of an epoch")

    def _close(self, yielded: Iterable[Any]) -> None:
        """Stop the code at its current yield."""
        try:
            getattr(yielded, "close", lambda: None)()
        except RuntimeError as error:
            if "ignored GeneratorExit" not in str(error):
                raise
            raise ObjectiveError(
                f"{self.name} continues when it is stopped: let GeneratorExit pass, which a bare "
                "except: catches, and yield nothing in a finally:"
            ) from error

    def _yielded(self, config: FrozenConfig, trial: Trial) -> Iterable[Any]:
        found: Any = self.training.train(config, trial)
        if isinstance(found, Mapping):  # a function that returns its metrics: a single epoch
            return [found]
        if not isinstance(found, Iterable) or isinstance(found, str):
            raise ObjectiveError(
                f"{self.name} must yield a dictionary of metrics after each epoch; it returned "
                f"{found!r}"
            )
        return found


@contextmanager
def _staying(name: str) -> Iterator[None]:
    """Keep `sys.exit` (by argparse, for example) from ending the process, as if it had crashed.

    The same for a `KeyboardInterrupt` that the code raises (Ctrl-C never reaches a worker), and
    for whatever else is no `Exception`, such as `asyncio.CancelledError`.
    """
    try:
        yield
    except (Exception, GeneratorExit):
        raise
    except SystemExit as error:
        raise ObjectiveError(f"{name} called sys.exit({error.code!r})") from error
    except BaseException as error:
        raise RuntimeError(f"{name} raised {type(error).__name__}") from error
