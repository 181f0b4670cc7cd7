"""A job as it is sent to the process of its worker."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tuner.core.job import Job
from tuner.executors.allocation import Allocation
from tuner.executors.ray.fence import Fence
from tuner.objectives.metric import Direction
from tuner.objectives.shipping import Shipment


@dataclass(frozen=True)
class Assignment:
    """What a worker must know to run a job; Ray carries it as a trial's config.

    Args:
        trial: its number.
        objective: how the worker gets the objective.
        config: the objective's config as plain data.
        folder: the trial's folder.
        recorded: number of epochs that are already in study.db.
        goal: the metric that is searched for.
        direction: the direction of `goal`.
        threads: CPU threads that it may use.
        shared: what all trials share.
        cwd: the driver's working folder, where relative paths start.
        resources: the resources that Ray reserves for it.
        avoided: nodes that it must not run on.
        nonce: a file of the study and its content, to recognise the results folder by; None on a
            single machine.
        here: the description of the driver's machine, which the worker's must match; None on a
            single machine.
        without_gpus: whether it must not see any GPU, because Ray would show it all of them.
        server: the actor that sends files to a worker which does not see the results.
        fence: a file that holds `attempt` for as long as this job is the current job of the trial.
    """

    trial: int
    objective: Shipment
    config: dict[str, Any]
    folder: str
    recorded: int
    goal: str
    direction: Direction
    threads: int
    shared: dict[str, Any]
    cwd: str
    resources: dict[str, float]
    avoided: tuple[str, ...] = ()
    nonce: tuple[str, str] | None = None
    server: str | None = None
    fence: Fence | None = None
    here: dict[str, Any] | None = None
    without_gpus: bool = False

    @classmethod
    def of(cls, job: Job, objective: Shipment, share: Allocation, **more: Any) -> Self:
        """Return the assignment of a job, made on the driver; `more` are the other fields."""
        return cls(
            trial=job.trial,
            objective=objective,
            config=job.config.model_dump(mode="json"),
            folder=str(job.folder),
            recorded=job.recorded,
            goal=job.goal,
            direction=job.direction,
            threads=share.threads,
            cwd=os.getcwd(),
            resources={"CPU": share.threads} | ({"GPU": share.gpus} if share.gpus else {}),
            **more,
        )

    def to_config(self) -> dict[str, Any]:
        """Return it as Ray carries it."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return the assignment that `to_config` wrote."""
        return cls(**config)

    @staticmethod
    def trial_in(config: Mapping[str, Any]) -> int:
        """Return the number of the trial that a Ray trial's config assigns."""
        return int(config["trial"])
