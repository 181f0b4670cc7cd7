"""The entries of study.db: trials, their epochs, and events."""

from dataclasses import dataclass, field
from typing import Any, Self

from sr_models.training.epoch import Epoch
from tuner.records.kinds import EventKind, TrialKind, TrialState


@dataclass(frozen=True)
class TrialRecord:
    """A trial. Times are Unix seconds."""

    number: int
    name: str
    kind: TrialKind
    state: TrialState
    params: dict[str, Any]  # dotted path -> value: what the sampler or the baseline set
    config: dict[str, Any]  # the objective's resolved config, nested
    reported: dict[str, float] = field(default_factory=dict)  # the report's figures (baselines)
    static_metrics: dict[str, Any] = field(default_factory=dict)  # known once: parameters
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    reason: str | None = None  # why it ended: "patience", "max_epochs", "scheduler", "budget"
    error: str | None = None
    traceback: str | None = None
    retries: int = 0
    sampler: dict[str, Any] = field(default_factory=dict)  # the sampler's own notes
    revision: int = 0


@dataclass(frozen=True)
class EpochRecord:
    """An epoch of a trial: its metrics by name, when it ran, and on which worker."""

    trial: int
    epoch: int  # from 1
    metrics: dict[str, float]
    started: float
    ended: float
    worker: str = ""
    revision: int = 0

    @classmethod
    def of(cls, trial: int, epoch: Epoch, worker: str) -> Self:
        """The record of an epoch that a worker has trained."""
        return cls(trial, epoch.number, dict(epoch.metrics), epoch.started, epoch.ended, worker)


@dataclass(frozen=True)
class Event:
    """Something that happened to a study or one of its trials."""

    time: float
    kind: EventKind
    trial: int | None
    data: dict[str, Any]
    revision: int = 0


@dataclass(frozen=True)
class Changes:
    """Everything that was written after a revision."""

    revision: int
    trials: list[TrialRecord]
    epochs: list[EpochRecord]
    events: list[Event]
