"""What a search needs to know of the thing that it tunes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sr_models.frozen import FrozenConfig
from sr_models.training.epoch import Epoch
from tuner.objectives.metric import Direction, Metric

__all__ = ["Cost", "Epoch", "HeldOut", "Metric", "Objective", "Progress", "TrialContext"]

NOTES = "notes"
"""The key of what `Objective.prepare` has to say."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and out of how much."""


@dataclass(frozen=True)
class TrialContext:
    """Where a trial runs, and what it shares with the others.

    `recorded` epochs are in study.db already. `shared` is what `prepare` has returned, empty
    where the trial runs for itself. `still_ours` is called before a checkpoint is published; it
    raises where the trial has been given to another worker meanwhile. `goal` is the metric that
    is searched for, None where nobody has said so, and `direction` which way it is better.
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
    """What a trial of one config takes, measured from a few steps; 0 where it is nothing."""

    seconds_per_epoch: float = 0.0
    memory_bytes: int = 0  # of the process, at its peak
    trial_bytes: int = 0  # on disk, for a trial that is kept: checkpoints and best model
    epoch_bytes: int = 0  # on disk, for each epoch: pictures
    data: str = ""  # what is trained on, in words
    notes: tuple[str, ...] = ()  # what to know before it is spent, such as images left out


@runtime_checkable
class HeldOut(Protocol):
    """An objective that has data which nothing is chosen by."""

    def test(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, float]:
        """Score what a trial has trained on them; nothing where the config names none."""
        ...


class Objective(Protocol):
    """Something that can be trained under a config and scored after each epoch."""

    name: str
    config_type: type[FrozenConfig]
    metrics: tuple[Metric, ...]
    """All that an epoch measures, and what `static_metrics` tells; the first is searched for
    where a study names none. A metric without a direction cannot be searched for."""

    keeps_weights: tuple[str, ...]
    """Prefixes of the dotted paths that a trial may change while it keeps trained weights."""

    fingerprinted: tuple[str, ...]
    """Sections that only say which data are used: where their fingerprint (`prepare`) is the same,
    so are the data, whatever these say."""

    def configured(self, config: FrozenConfig) -> "Objective":
        """This objective under the config of a study, which may add metrics."""

    def prepare(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Do once, on the driver, what all trials share; return entries of the study's info.

        `NOTES` among them are sentences that are said before the first trial, and not kept.

        Raises:
            UserError: the data or weights that the trials need cannot be had.
        """

    def static_metrics(self, config: FrozenConfig) -> dict[str, float]:
        """What can be known of a setting without training it (its number of parameters)."""

    def max_epochs(self, config: FrozenConfig) -> int | None:
        """The most epochs that a trial of this config runs; None where only its code knows."""

    def cost(self, config: FrozenConfig, threads: int, progress: Progress) -> Cost | None:
        """Measure what a trial with so many threads takes; leaves nothing in a results folder.

        None where it cannot be measured.

        Raises:
            UserError: as `prepare`.
        """

    def run(self, config: FrozenConfig, setting: TrialContext) -> Iterator[Epoch]:
        """Train; yield every epoch after `setting.recorded`.

        Goes on from the checkpoint in `setting.folder` where there is one. Raises whatever
        training raises; `NonFiniteError` for a loss or metric that is not finite.
        """

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Make the trial in `folder`, at its own `epoch`, go on from the weights of `donor`."""

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete what only a trial that goes on needs; its best model and pictures stay."""
