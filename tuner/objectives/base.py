"""The base class of objectives, for what a function alone cannot declare."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from sr_models.frozen import FrozenConfig
from tuner.objectives.checkpoint import CheckpointStore
from tuner.objectives.metric import Metric
from tuner.objectives.protocol import Cost, Progress
from tuner.objectives.returned import EPOCH
from tuner.objectives.trial import Trial


class BaseObjective(ABC):
    """Training code with a typed config; everything but `config_type` and `train` has a default.

    Attributes:
        config_type: the class of a study file's objective section; its fields can be searched.
        metrics: the metrics of an epoch; a study may declare them instead.
        keeps_weights: fields (or sections) that may change while a trial keeps its weights, as
            population-based training requires.
        fingerprinted: fields (or sections) that only say which data are used. A study can be
            resumed with other values if `prepare` finds the same fingerprint, for example after a
            folder was moved.
    """

    config_type: ClassVar[type[FrozenConfig]]
    metrics: ClassVar[tuple[Metric, ...]] = ()
    keeps_weights: ClassVar[tuple[str, ...]] = ()
    fingerprinted: ClassVar[tuple[str, ...]] = ()
    counts: ClassVar[tuple[str, ...]] = (EPOCH,)
    """Names under which an epoch tells its number; no metric can be called so."""

    @abstractmethod
    def train(self, config: Any, trial: Trial) -> Iterator[Mapping[str, float]]:
        """Train from `trial.load()`, or from the start, and yield the metrics of each epoch.

        The trial is stopped by closing the generator.

        Args:
            config: the setting of the trial, an instance of `config_type`.
            trial: the context of the trial: its folder, its checkpoint, what trials share.
        """

    def params(self, config: Any) -> Mapping[str, Any]:
        """Return the config as `trial.params` shows it."""
        found: dict[str, Any] = config.model_dump()
        return found

    def named(self, config: Any) -> list[str]:
        """Return the params that the config refers to by name; each must be set or searched."""
        return []

    def prepare(self, config: Any, folder: Path, progress: Progress) -> Mapping[str, Any]:
        """Do what all trials share once, before the first trial: a download, an index.

        Args:
            config: the objective section as the study file has it.
            folder: the folder of the study, for files that all trials read.
            progress: to be called with what is being done, how much of it is done, and out of how
                much.

        Returns:
            Values that JSON can represent; trials find them in `trial.shared`. If the entry
                `fingerprint` changes, the study cannot be resumed without force. An entry
                `baseline_LABEL`, metric -> value, is what trials are compared with, if a metric
                declares the `baseline_label`.
        """
        return {}

    def static_metrics(self, config: Any) -> Mapping[str, float]:
        """Return what is known of a setting before training, such as its number of parameters."""
        return {}

    def max_epochs(self, config: Any) -> int | None:
        """Return after how many epochs a trial ends; None if only its own code knows."""
        found: int | None = getattr(config, "max_epochs", None)
        return found

    def cost(self, config: Any, threads: int, progress: Progress) -> Cost | None:
        """Return what a trial would take, for a dry run; None if that is not known."""
        return None

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Make the trial in `folder` continue, at its own `epoch`, from the state of `donor`."""
        CheckpointStore(folder).copy(donor, epoch=epoch)

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete what only a trial that is resumed needs."""
        CheckpointStore(folder).discard()
