"""A consistent view of a study, read at once, so that a running driver is not disturbed."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tuner.objectives.described import baseline_values, described
from tuner.objectives.metric import Metric
from tuner.records import EpochRecord, Event, Records, RecordsError, TrialKind, TrialRecord

MODEL = "best.safetensors"
"""The file of a trial's best weights, in its folder."""


@dataclass(frozen=True)
class Snapshot:
    """A study at the time when it was read."""

    folder: Path
    info: dict[str, Any]
    trials: tuple[TrialRecord, ...]  # by number
    epochs: dict[int, tuple[EpochRecord, ...]]  # by the number of the trial; may be empty
    events: tuple[Event, ...]
    revision: int = 0  # the revision of the last change in it

    @property
    def name(self) -> str:
        """The study's name; the folder's name if the records have none yet."""
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
        """Return the description of a metric; only its name if it was never described."""
        return self.described.get(name) or Metric(name)

    @cached_property
    def baselines(self) -> dict[str, dict[str, float]]:
        """What trials are compared with: label -> metric -> value."""
        return baseline_values(self.info, self.described)


def model_file(study: Snapshot, trial: str) -> Path | None:
    """Return the file of a trial's best weights, if it exists and is inside the study's folder."""
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
        RecordsError: there is no study, or it is damaged.
    """
    with Records.open(folder) as records:
        return read_snapshot(records)
