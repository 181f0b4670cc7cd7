"""One consistent view of a study, read at once, so that a running driver is not disturbed."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tuner.analysis.baselines import baseline_values
from tuner.objectives.described import described
from tuner.objectives.metric import Metric
from tuner.records import EpochRecord, Event, Records, RecordsError, TrialKind, TrialRecord

MODEL = "best.safetensors"
"""The file of a trial's best weights, in its folder."""


@dataclass(frozen=True)
class Snapshot:
    """A study as it was when it was read."""

    folder: Path
    info: dict[str, Any]
    trials: tuple[TrialRecord, ...]  # by number
    epochs: dict[int, tuple[EpochRecord, ...]]  # of every trial, by its number; may be empty
    events: tuple[Event, ...]
    revision: int = 0  # of the last change that it holds

    @property
    def name(self) -> str:
        """The study's name; its folder's where the records hold none yet."""
        return str(self.info.get("study") or self.folder.name)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are searched for; the first decides what is best."""
        return tuple(self.info.get("metrics", ()))

    @property
    def metric(self) -> str | None:
        """The metric that decides what is best; None for a study that never started."""
        return self.metrics[0] if self.metrics else None

    @property
    def first_baseline(self) -> str | None:
        """The trial that others are compared with unless another is named."""
        names = (trial.name for trial in self.trials if trial.kind is TrialKind.BASELINE)
        return next(names, None)

    @cached_property
    def described(self) -> dict[str, Metric]:
        """The metrics that the objective describes, by name and in its order."""
        return described(self.info)

    def describe(self, name: str) -> Metric:
        """The description of a metric; of one that nobody described, its name alone."""
        return self.described.get(name) or Metric(name)

    @cached_property
    def baselines(self) -> dict[str, dict[str, float]]:
        """What trials are compared with: label -> metric -> value."""
        return baseline_values(self.info, self.described)


def model_file(study: Snapshot, trial: str) -> Path | None:
    """The file of a trial's best weights, if it is there and lies within the study."""
    trials = (study.folder / "trials").resolve()
    path = (trials / trial / MODEL).resolve()
    return path if trials in path.parents and path.is_file() else None


def read_snapshot(records: Records) -> Snapshot:
    """Read all of `records` as they are now.

    Raises:
        RecordsError: the file is damaged, or cannot be read now.
    """
    try:
        changes = records.changes()
        info = records.info
    except sqlite3.DatabaseError as error:
        raise RecordsError(f"{records.path} is damaged or not a study ({error})") from error
    epochs: dict[int, list[EpochRecord]] = defaultdict(list)
    for epoch in changes.epochs:
        epochs[epoch.trial].append(epoch)
    return Snapshot(
        records.folder,
        info,
        tuple(sorted(changes.trials, key=lambda trial: trial.number)),
        {
            trial.number: tuple(sorted(epochs[trial.number], key=lambda epoch: epoch.epoch))
            for trial in changes.trials
        },
        tuple(changes.events),
        changes.revision,
    )


def open_snapshot(folder: Path) -> Snapshot:
    """Read the study of a results folder, without writing to it.

    Raises:
        RecordsError: there is none, or it is damaged.
    """
    with Records.open(folder) as records:
        return read_snapshot(records)
