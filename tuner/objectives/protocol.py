"""The interface of an objective: what a search needs to know of the training that it tunes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sr_models.frozen import FrozenConfig
from sr_models.training.epoch import Epoch
from tuner.objectives.metric import Direction, Metric

__all__ = ["Cost", "Epoch", "HeldOut", "Metric", "Objective", "Progress", "TrialContext"]

NOTES = "notes"
"""The key of the notes that `Objective.prepare` returns."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and out of how much."""


@dataclass(frozen=True)
class TrialContext:
    """Where a trial runs, and what it shares with other trials.

    Attributes:
        folder: the folder of the trial.
        recorded: number of epochs that are already in study.db.
        threads: that the trial may use; None for no limit.
        shared: what `prepare` has returned; empty if the trial runs without a study.
        still_ours: called before a checkpoint is published; raises if the trial has been given to
            another worker meanwhile.
        goal: the metric that is searched for; None if it is unknown.
        direction: the direction of `goal`.
    """

    folder: Path
    recorded: int
    threads: int | None
    shared: Mapping[str, Any] = field(default_factory=dict)
    still_ours: Callable[[], None] = lambda: None
    goal: str | None = None
    direction: Direction = "maximize"


@dataclass(frozen=True)
class Cost:
    """What a trial of a config takes, measured over a few steps; 0 for nothing."""

    seconds_per_epoch: float = 0.0
    memory_bytes: int = 0  # of the process, at its peak
    trial_bytes: int = 0  # on disk, for each trial: checkpoints and best model
    epoch_bytes: int = 0  # on disk, for each epoch: pictures
    data: str = ""  # the training data, in words
    notes: tuple[str, ...] = ()  # what to know before the start, such as images left out


@runtime_checkable
class HeldOut(Protocol):
    """An objective with test data, by which nothing is chosen."""

    def test_metrics(self, config: FrozenConfig) -> tuple[Metric, ...]:
        """Describe the scores of `test`."""
        ...

    def test(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, float]:
        """Score the trained model of a trial on the test data; empty if the config names none."""
        ...


class Objective(Protocol):
    """Training that has a config and metrics after each epoch."""

    name: str
    config_type: type[FrozenConfig]
    metrics: tuple[Metric, ...]
    """All metrics of an epoch and of `static_metrics`; the first is searched for if a study names
    none. A metric without a direction cannot be searched for."""

    keeps_weights: tuple[str, ...]
    """Prefixes of the dotted paths that a trial may change while it keeps trained weights."""

    fingerprinted: tuple[str, ...]
    """Sections that only say which data are used: if the fingerprint of the data (`prepare`) is the
    same, so are the data, whatever these sections say."""

    def configured(self, config: FrozenConfig) -> "Objective":
        """Return this objective for the config of a study, which may add metrics."""

    def prepare(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Do on the driver, once, what all trials share; return entries for the study's info.

        The entry `NOTES` is a list of sentences that are printed before the first trial, and not
        stored.

        Args:
            config: the objective section as the study file has it.
            folder: the folder of the study.
            progress: see `Progress`.

        Raises:
            UserError: the data or weights that the trials need are not available.
        """

    def static_metrics(self, config: FrozenConfig) -> dict[str, float]:
        """Return what is known of a setting without training it (its number of parameters)."""

    def max_epochs(self, config: FrozenConfig) -> int | None:
        """Return the most epochs that a trial of this config runs; None if only its code knows."""

    def cost(self, config: FrozenConfig, threads: int, progress: Progress) -> Cost | None:
        """Measure what a trial with so many threads takes; leave nothing in a results folder.

        Returns:
            The cost; None if it cannot be measured.

        Raises:
            UserError: as `prepare`.
        """

    def run(self, config: FrozenConfig, context: TrialContext) -> Iterator[Epoch]:
        """Train, and yield every epoch after `context.recorded`.

        Continues from the checkpoint in `context.folder` if there is one. Raises whatever training
        raises; `NonFiniteError` for a loss or metric that is not finite.
        """

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Make the trial in `folder` continue, at its own `epoch`, from the weights of `donor`."""

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete what only a trial that continues needs; its best model and pictures stay."""
