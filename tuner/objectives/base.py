"""The class to derive an objective from, for what a function alone cannot say."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from sr_models.frozen import FrozenConfig
from tuner.objectives.checkpoint import CheckpointStore
from tuner.objectives.metric import Metric
from tuner.objectives.protocol import Cost, Progress
from tuner.objectives.trial import Trial


class BaseObjective(ABC):
    """Training code with a typed config; everything but `config_type` and `train` has a default.

    Attributes:
        config_type: the objective section of a study file; its fields can be searched.
        metrics: what an epoch measures; a study may declare them instead.
        keeps_weights: fields (or sections) that may change while a trial keeps its weights, which
            population-based training asks for.
        fingerprinted: fields (or sections) that only say which data are used. A study can be
            resumed with others if `prepare` finds the same fingerprint, as when a folder was moved.
    """

    config_type: ClassVar[type[FrozenConfig]]
    metrics: ClassVar[tuple[Metric, ...]] = ()
    keeps_weights: ClassVar[tuple[str, ...]] = ()
    fingerprinted: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def train(self, config: Any, trial: Trial) -> Iterator[Mapping[str, float]]:
        """Train from `trial.load()`, or from the start; yield the metrics of each epoch.

        The trial is stopped by closing the generator.
        """

    def params(self, config: Any) -> Mapping[str, Any]:
        """The config as `trial.params` shows it."""
        found: dict[str, Any] = config.model_dump()
        return found

    def named(self, config: Any) -> list[str]:
        """The params that the config refers to by name; each must be set or searched."""
        return []

    def prepare(self, config: Any, folder: Path, progress: Progress) -> Mapping[str, Any]:
        """Do once, before the first trial, what all trials share: a download, an index.

        Args:
            config: the objective section as the study file has it.
            folder: the study's, for files that all trials read.
            progress: to be called with what is done, how much of it is, and out of how much.

        Returns:
            What JSON can hold; trials find it in `trial.shared`. If its `fingerprint` changes, the
            study cannot be resumed without force.
        """
        return {}

    def static_metrics(self, config: Any) -> Mapping[str, float]:
        """What is known of a setting before training, such as its number of parameters."""
        return {}

    def max_epochs(self, config: Any) -> int | None:
        """Where a trial ends; None where only its own code knows."""
        found: int | None = getattr(config, "max_epochs", None)
        return found

    def cost(self, config: Any, threads: int, progress: Progress) -> Cost | None:
        """What a trial would take, for a dry run; None where that is not known."""
        return None

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Make the trial in `folder`, at its `epoch`, continue from the donor's state."""
        CheckpointStore(folder).copy(donor, epoch=epoch)

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete what only a trial that is resumed needs."""
        CheckpointStore(folder).discard()
