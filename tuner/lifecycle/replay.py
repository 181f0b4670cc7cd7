"""Restoring the state of a scheduler by repeating its calls."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.core.goals import Goals
from tuner.records import EpochRecord, Event, EventKind, TrialKind, TrialRecord, TrialState
from tuner.schedulers import Decision, Scheduler

Entry = TrialRecord | EpochRecord | Event
"""The end of a trial, an epoch, or a trial that was resumed."""

_ENDED = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)
_RESUMES = (EventKind.PROMOTED, EventKind.EXPLOITED)


def replay(
    scheduler: Scheduler,
    goals: Goals,
    trials: Sequence[TrialRecord],
    epochs: Mapping[int, Sequence[EpochRecord]],
    events: Sequence[Event],
) -> set[int]:
    """Repeat the calls of a study, in the order in which study.db has them.

    Args:
        scheduler: a scheduler that has seen no trials yet.
        goals: what the study searches for.
        trials: all trials except repeats, by number.
        epochs: the epochs of each trial, in order.
        events: the events of the study, in order.

    Returns:
        The trials that the scheduler has stopped, and that have not been resumed since.
    """
    repeated = _Replay(scheduler, goals, trials, events)
    for entry in _in_order(trials, epochs, events):
        repeated.take(entry)
    repeated.start_up_to(max((trial.number for trial in trials), default=-1))
    return repeated.stopped


class _Replay:
    """The calls of a scheduler, as far as they have been repeated."""

    def __init__(
        self,
        scheduler: Scheduler,
        goals: Goals,
        trials: Sequence[TrialRecord],
        events: Sequence[Event],
    ) -> None:
        self.stopped: set[int] = set()
        self._scheduler = scheduler
        self._goals = goals
        self._searched = {trial.number for trial in trials if trial.kind is TrialKind.SEARCH}
        self._params = _first_params(trials, events)  # updated while the calls are repeated
        self._started = -1

    def take(self, entry: Entry) -> None:
        """Repeat the call for an entry of study.db."""
        self.start_up_to(_trial_of(entry))
        if isinstance(entry, EpochRecord):
            self._report(entry)
        elif isinstance(entry, Event):
            self._resume(entry)
        elif entry.number not in self.stopped:
            self._scheduler.ended(entry.number, entry.state)

    def start_up_to(self, newest: int) -> None:
        """Start all trials up to this number: they started in the order of their numbers."""
        for number in range(self._started + 1, newest + 1):
            if number in self._searched:
                self._scheduler.started(number, self._params[number])
        self._started = max(self._started, newest)

    def _report(self, epoch: EpochRecord) -> None:
        value = epoch.metrics.get(self._goals.first)
        if value is None:  # from a time when something else was searched for
            return
        score = self._goals.greater(value)
        decision = self._scheduler.report(epoch.trial, epoch.epoch, score)
        if decision is Decision.STOP and epoch.trial in self._searched:
            self._scheduler.ended(epoch.trial, TrialState.STOPPED)
            self.stopped.add(epoch.trial)

    def _resume(self, event: Event) -> None:
        trial = _trial_of(event)
        self._scheduler.next_resume(drain=bool(event.data["drain"]))
        self._params[trial] = event.data.get("params") or self._params[trial]
        self._scheduler.started(trial, self._params[trial])
        self.stopped.discard(trial)


def _in_order(
    trials: Sequence[TrialRecord],
    epochs: Mapping[int, Sequence[EpochRecord]],
    events: Sequence[Event],
) -> list[Entry]:
    happened: list[Entry] = [
        *(trial for trial in trials if trial.state in _ENDED),
        *(epoch for trial in trials for epoch in epochs[trial.number]),
        *(event for event in events if event.kind in _RESUMES),
    ]
    return sorted(happened, key=lambda entry: entry.revision)


def _trial_of(entry: Entry) -> int:
    number = entry.number if isinstance(entry, TrialRecord) else entry.trial
    assert number is not None
    return number


def _first_params(
    trials: Sequence[TrialRecord], events: Sequence[Event]
) -> dict[int, dict[str, Any]]:
    """The params that each trial started with, before PBT changed them."""
    first = {trial.number: trial.params for trial in trials}
    for event in reversed(events):
        if event.kind is EventKind.EXPLOITED and event.trial is not None:
            first[event.trial] = event.data["before"]
    return first
