"""Brings a scheduler to where it stood, by repeating the calls that it has had."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.core.goals import Goals
from tuner.records import EpochRecord, Event, EventKind, TrialKind, TrialRecord, TrialState
from tuner.schedulers import Decision, Scheduler

Happening = TrialRecord | EpochRecord | Event
"""The end of a trial, an epoch, or a trial that was set running again."""

_ENDED = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)
_RUNS_ON = (EventKind.PROMOTED, EventKind.EXPLOITED)


def replay(
    scheduler: Scheduler,
    goals: Goals,
    trials: Sequence[TrialRecord],
    epochs: Mapping[int, Sequence[EpochRecord]],
    events: Sequence[Event],
) -> set[int]:
    """Repeat the calls of a study, in the order in which study.db has them.

    Args:
        scheduler: one that has seen nothing yet.
        goals: what the study searches for.
        trials: all but repeats, by number.
        epochs: of each trial, in order.
        events: of the study, in order.

    Returns:
        The trials that the scheduler has stopped, and that have not run on since.
    """
    repeated = _Replay(scheduler, goals, trials, events)
    for happening in _in_order(trials, epochs, events):
        repeated.take(happening)
    repeated.start_up_to(max((trial.number for trial in trials), default=-1))
    return repeated.stopped


class _Replay:
    """The calls that a scheduler has had, as far as they have been repeated."""

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
        self._params = _first_params(trials, events)  # becomes what they have now
        self._started = -1

    def take(self, happening: Happening) -> None:
        """Repeat what one entry of study.db has led to."""
        self.start_up_to(_trial_of(happening))
        if isinstance(happening, EpochRecord):
            self._report(happening)
        elif isinstance(happening, Event):
            self._run_on(happening)
        elif happening.number not in self.stopped:
            self._scheduler.ended(happening.number, happening.state)

    def start_up_to(self, newest: int) -> None:
        """Start all trials up to this number: they started in the order of their numbers."""
        for number in range(self._started + 1, newest + 1):
            if number in self._searched:
                self._scheduler.started(number, self._params[number])
        self._started = max(self._started, newest)

    def _report(self, epoch: EpochRecord) -> None:
        value = epoch.metrics.get(self._goals.first)
        if value is None:  # of a time when something else was searched for
            return
        score = self._goals.greater(value)
        decision = self._scheduler.report(epoch.trial, epoch.epoch, score)
        if decision is Decision.STOP and epoch.trial in self._searched:
            self._scheduler.ended(epoch.trial, TrialState.STOPPED)
            self.stopped.add(epoch.trial)

    def _run_on(self, event: Event) -> None:
        trial = _trial_of(event)
        self._scheduler.next_resume(drain=bool(event.data["drain"]))
        self._params[trial] = event.data.get("params") or self._params[trial]
        self._scheduler.started(trial, self._params[trial])
        self.stopped.discard(trial)


def _in_order(
    trials: Sequence[TrialRecord],
    epochs: Mapping[int, Sequence[EpochRecord]],
    events: Sequence[Event],
) -> list[Happening]:
    happened: list[Happening] = [
        *(trial for trial in trials if trial.state in _ENDED),
        *(epoch for trial in trials for epoch in epochs[trial.number]),
        *(event for event in events if event.kind in _RUNS_ON),
    ]
    return sorted(happened, key=lambda happening: happening.revision)


def _trial_of(happening: Happening) -> int:
    number = happening.number if isinstance(happening, TrialRecord) else happening.trial
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
