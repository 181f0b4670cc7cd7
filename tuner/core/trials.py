"""The trials of a running study: recorded in study.db, and kept in memory."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from tuner.core.goals import Goals
from tuner.records import EpochRecord, Records, TrialKind, TrialRecord, TrialState


class Best(NamedTuple):
    """The best epoch of a trial.

    If the trial was repeated with other seeds, `value` is the mean over the `repeats`, and `gained`
    is by how much that mean exceeds the trial's own value.
    """

    name: str
    value: float  # of the first metric
    trial: int
    epoch: int
    metrics: Mapping[str, float]
    repeats: int = 0
    gained: float = 0.0


class TrialStore:
    """All trials with the epochs that they have trained and the values of their best epochs.

    Each change is written to study.db first. The config of a trial stays there: it takes more
    memory than all else, and is needed only if the trial continues.

    Args:
        records: the study.db, open for writing.
        goals: decides which epoch is the best.
    """

    def __init__(self, records: Records, goals: Goals) -> None:
        self.counts: dict[TrialState, int] = dict.fromkeys(TrialState, 0)
        self.searched = 0
        """Number of trials that were proposed."""
        self._best: Best | None = None  # among trials that have not failed, by their own values
        self._repeats: dict[int, list[int]] = {}  # by the trial that they repeat
        self.names: set[str] = set()
        """The names of all trials, in lower case."""
        self._records = records
        self._goals = goals
        self._trials: dict[int, TrialRecord] = {}
        self._epochs: dict[int, int] = {}
        self._values: dict[int, list[float]] = {}
        self._bests: dict[int, Best] = {}

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[TrialRecord]:
        return iter(self._trials.values())

    def __getitem__(self, trial: int) -> TrialRecord:
        return self._trials[trial]

    def epochs(self, trial: int) -> int:
        """Return how many epochs a trial has trained."""
        return self._epochs[trial]

    @property
    def best(self) -> Best | None:
        """The best trial, in the order of `tuner.analysis.ranking`; never a repeat."""
        known = [self._confirmed(trial) for trial in self._repeats]
        confirmed = [repeated for repeated in known if repeated is not None]
        if not confirmed or self._best is None:
            return self._best
        better = self._goals.better
        if all(
            better(self._best.value, repeated.value - repeated.gained) for repeated in confirmed
        ):
            return self._best
        return max(confirmed, key=lambda repeated: self._goals.greater(repeated.value))

    def values(self, trial: int) -> list[float] | None:
        """Return the values of all goals at the trial's best epoch; None if it has none."""
        return self._values.get(trial)

    def best_of(self, trial: int) -> Best | None:
        """Return the trial's best epoch; None if no epoch has all goals."""
        return self._bests.get(trial)

    def config(self, trial: int) -> Mapping[str, Any]:
        """Return the objective's config of a trial, as plain data."""
        return self._records.trial(self._trials[trial].name).config

    def folder(self, trial: int) -> Path:
        """Return the folder with the files of a trial."""
        return self._records.folder.absolute() / "trials" / self._trials[trial].name

    def adopt(self, record: TrialRecord, epochs: Sequence[EpochRecord]) -> None:
        """Take over a trial that is already in study.db."""
        self._enter(record)
        self._epochs[record.number] = max((epoch.epoch for epoch in epochs), default=0)
        for epoch in epochs:
            self._score(record, epoch)

    def add(self, record: TrialRecord) -> None:
        """Record a new trial."""
        self._records.add_trial(record)
        self._enter(record)

    def change(self, trial: int, **changes: Any) -> TrialRecord:
        """Record new values of some fields of a trial; return the new record."""
        self._records.update_trial(trial, **changes)
        return self._apply(trial, changes)

    def add_epoch(self, epoch: EpochRecord) -> None:
        """Record an epoch and, if it is the first, that its trial has started."""
        known = self._trials[epoch.trial].started is not None
        first = {} if known else {"started": epoch.started}
        self._records.add_epoch(epoch, **first)
        self._epochs[epoch.trial] = epoch.epoch
        self._score(self._apply(epoch.trial, first), epoch)

    def _enter(self, record: TrialRecord) -> None:
        self._trials[record.number] = replace(record, config={})
        self.names.add(record.name.lower())
        self._epochs[record.number] = 0
        self.counts[record.state] += 1
        self.searched += record.kind is TrialKind.SEARCH
        if record.kind is TrialKind.CONFIRM and (origin := self._origin(record)) is not None:
            self._repeats.setdefault(origin, []).append(record.number)

    def _origin(self, repeat: TrialRecord) -> int | None:
        """The trial that is repeated: it has the same settings, apart from the seed."""
        wanted = _apart_from_seed(repeat)
        return next(
            (
                trial.number
                for trial in self
                if trial.kind is not TrialKind.CONFIRM and _apart_from_seed(trial) == wanted
            ),
            None,
        )

    def _confirmed(self, trial: int) -> Best | None:
        """A trial with its mean over the complete repeats; None if there are none."""
        own = self._bests.get(trial)
        found = [
            self._bests[repeat].value
            for repeat in self._repeats[trial]
            if self._trials[repeat].state is TrialState.COMPLETE and repeat in self._bests
        ]
        if own is None or not found or self._trials[trial].state is TrialState.FAILED:
            return None
        mean = fmean(found)
        return own._replace(value=mean, repeats=len(found), gained=mean - own.value)

    def _apply(self, trial: int, changes: Mapping[str, Any]) -> TrialRecord:
        before = self._trials[trial]
        after = self._trials[trial] = replace(before, **{**changes, "config": {}})
        self.counts[before.state] -= 1
        self.counts[after.state] += 1
        if after.state is TrialState.FAILED and self._best and self._best.trial == trial:
            self._find_best()
        return after

    def _score(self, record: TrialRecord, epoch: EpochRecord) -> None:
        values = self._goals.values(epoch.metrics, record.static_metrics)
        if values is None:
            return
        own = self._values.get(record.number)
        if own is not None and self._goals.order(values) <= self._goals.order(own):
            return
        found = Best(record.name, values[0], record.number, epoch.epoch, epoch.metrics)
        self._values[record.number], self._bests[record.number] = values, found
        if self._may_be_best(record) and (
            self._best is None
            or self._best.trial == record.number
            or self._goals.better(found.value, self._best.value)
        ):
            self._best = found

    def _find_best(self) -> None:
        """Find the best trial anew, because the previous best trial has failed."""
        known = (
            best for trial, best in self._bests.items() if self._may_be_best(self._trials[trial])
        )
        self._best = max(known, key=lambda best: self._goals.greater(best.value), default=None)

    def _may_be_best(self, record: TrialRecord) -> bool:
        return record.state is not TrialState.FAILED and record.kind is not TrialKind.CONFIRM


def _apart_from_seed(trial: TrialRecord) -> dict[str, Any]:
    return {path: value for path, value in trial.params.items() if path != "seed"}


def trial_name(number: int, taken: AbstractSet[str]) -> str:
    """Return a short name for proposed trial `number`: T007, or T007b if a baseline is called that.

    Args:
        number: the number of the trial.
        taken: the names of all trials in lower case, see `free_name`.
    """
    return free_name(f"T{number:03d}", taken)


def free_name(name: str, taken: AbstractSet[str]) -> str:
    """Return the name, with a letter added if it is taken.

    Names that differ only in case count as equal, because some file systems would give both trials
    the same folder. So `taken` has to be in lower case.
    """
    while name.lower() in taken:
        name += "b"
    return name
