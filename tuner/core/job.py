"""What passes between a study and its workers: jobs, and how they ended."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from sr_models.errors import NonFiniteError, UserError
from sr_models.frozen import FrozenConfig
from tuner.objectives.metric import Direction
from tuner.records import TrialKind
from tuner.records.disk import disk_trouble

_SHARED = ("baseline_bicubic", "data")

MACHINE_LOST = "MachineLost"
"""The kind of outcome of a job whose machine is gone, or cannot run it: no fault of the trial."""

WORKER_DIED = "WorkerDied"
"""The kind of outcome of a job whose process is gone: nobody knows whose fault that was."""

NODE_DIED = "NodeDiedError"
"""Ray's kind of outcome of a job whose machine is gone."""

MACHINE_FAULTS = frozenset({WORKER_DIED, "ActorDiedError", NODE_DIED})
"""Kinds of outcomes that say nothing of the setting that was trained."""


def shared_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """What of a study's info every trial is given."""
    return {key: info[key] for key in _SHARED if key in info}


@dataclass(frozen=True)
class EnqueuedTrial:
    """A trial that no sampler has proposed: a baseline, or a repeat that confirms another."""

    name: str
    kind: TrialKind
    params: dict[str, Any]
    reported: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A trial, or the rest of one, for a worker to run."""

    trial: int
    name: str
    config: FrozenConfig
    folder: Path
    recorded: int  # epochs that study.db holds already
    goal: str  # the metric that is searched for, the first of two
    direction: Direction


@dataclass(frozen=True)
class Outcome:
    """How a job ended on its worker; no `error` for a trial that reached its own end."""

    error: str | None = None
    kind: str | None = None  # the error's class
    traceback: str | None = None
    retry: bool = True  # whether another try could end otherwise
    disk: str | None = None  # what is wrong with the disk, if that is why: no fault of the trial
    suspect: bool = False  # whether the machine may be to blame: another one would tell
    gpu_share: float = 0.0  # of a GPU, if its memory ran out while several trials shared it

    @property
    def blameless(self) -> bool:
        """Whether the trial has nothing to do with it."""
        return self.kind == MACHINE_LOST

    @property
    def crowded(self) -> bool:
        """Whether there were too many trials on a GPU: with fewer, this one can go on."""
        return self.gpu_share > 0

    @classmethod
    def of(cls, error: Exception) -> Self:
        """The outcome of a job that raised this."""
        return cls(
            error=f"{type(error).__name__}: {error}",
            kind=type(error).__name__,
            traceback="".join(traceback.format_exception(error)),
            # The same seed on the same data gives the same NaN, and a wrong path stays wrong.
            retry=not isinstance(error, NonFiniteError | UserError),
            disk=disk_trouble(error),
        )
