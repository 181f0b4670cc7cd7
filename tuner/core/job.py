"""Messages between a study and its workers: jobs, and their outcomes."""

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

MACHINE_LOST = "MachineLost"
"""Kind of outcome: the machine is gone or cannot run the job, which is not the trial's fault."""

WORKER_DIED = "WorkerDied"
"""Kind of outcome: the worker's process is gone, and it is unknown whose fault that was."""

NODE_DIED = "NodeDiedError"
"""Kind of outcome with which Ray reports that the machine is gone."""

MACHINE_FAULTS = frozenset({WORKER_DIED, "ActorDiedError", NODE_DIED})
"""Kinds of outcomes that say nothing about the setting that was trained."""


def shared_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a study's info that every trial is given."""
    return {"data": info["data"]} if "data" in info else {}


@dataclass(frozen=True)
class EnqueuedTrial:
    """A trial that no sampler has proposed: a baseline, or a repeat that confirms another trial."""

    name: str
    kind: TrialKind
    params: dict[str, Any]
    reported: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A trial, or the rest of a trial, for a worker to run."""

    trial: int
    name: str
    config: FrozenConfig
    folder: Path
    recorded: int  # epochs that study.db holds already
    goal: str  # the metric that is searched for, the first of two
    direction: Direction


@dataclass(frozen=True)
class Outcome:
    """How a job ended on its worker; without `error`, the trial reached its own end."""

    error: str | None = None
    kind: str | None = None  # the error's class
    traceback: str | None = None
    retry: bool = True  # whether another try could end differently
    disk: str | None = None  # what is wrong with the disk, if it is at fault and not the trial
    suspect: bool = False  # whether the machine may be to blame: running elsewhere would show
    gpu_share: float = 0.0  # the trial's part of a GPU whose memory ran out while it was shared

    @property
    def blameless(self) -> bool:
        """Whether the trial is not to blame."""
        return self.kind == MACHINE_LOST

    @property
    def crowded(self) -> bool:
        """Whether too many trials shared a GPU: the trial can continue if fewer do."""
        return self.gpu_share > 0

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Return the outcome of a job that raised `error`."""
        return cls(
            error=f"{type(error).__name__}: {error}",
            kind=type(error).__name__,
            traceback="".join(traceback.format_exception(error)),
            # The same seed on the same data gives the same NaN, and a wrong path stays wrong.
            retry=not isinstance(error, NonFiniteError | UserError),
            disk=disk_trouble(error),
        )
