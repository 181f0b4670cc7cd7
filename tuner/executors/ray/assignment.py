"""A job as it crosses to the process of its worker."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tuner.core.job import Job
from tuner.objectives.shipping import Shipment


@dataclass(frozen=True)
class Assignment:
    """What a worker must know to run a job; Ray carries it as a trial's config.

    Args:
        trial: its number.
        objective: what it trains, as a worker comes by it.
        config: the objective's config as plain data.
        folder: the trial's folder.
        recorded: epochs that study.db holds already.
        threads: CPU threads that it may use.
        shared: what all trials share.
        cwd: the driver's working folder, where relative paths start.
    """

    trial: int
    objective: Shipment
    config: dict[str, Any]
    folder: str
    recorded: int
    threads: int
    shared: dict[str, Any]
    cwd: str

    @classmethod
    def of(cls, job: Job, objective: Shipment, threads: int, shared: Mapping[str, Any]) -> Self:
        """The assignment of a job, made on the driver."""
        config, folder = job.config.model_dump(mode="json"), str(job.folder)
        cwd = os.getcwd()
        return cls(job.trial, objective, config, folder, job.recorded, threads, dict(shared), cwd)

    def to_config(self) -> dict[str, Any]:
        """As Ray carries it."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """What `to_config` made."""
        return cls(**config)

    @staticmethod
    def trial_in(config: Mapping[str, Any]) -> int:
        """The number of the trial that a Ray trial's config assigns."""
        return int(config["trial"])
