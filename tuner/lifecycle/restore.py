"""Brings a study back to where study.db says that it stands."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Any

from tuner.core.study import Study
from tuner.core.suggester import Infeasible
from tuner.records import EpochRecord, Event, EventKind, Records, TrialKind, TrialRecord, TrialState
from tuner.schedulers import Decision

_ENDED = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)
_RUNS_ON = (EventKind.PROMOTED, EventKind.EXPLOITED)


def restore(study: Study, records: Records) -> None:
    """Teach a new `study` all that is recorded; unfinished trials are queued to go on.

    The sampler's view is rebuilt from the trials and their epochs. The scheduler is a function
    of its calls, so it gets them again, in the order of their revisions.
    """
    trials, events = records.trials(), records.events()
    epochs: dict[int, list[EpochRecord]] = defaultdict(list)
    for epoch in records.epochs():
        epochs[epoch.trial].append(epoch)
    searched = [trial for trial in trials if trial.kind is not TrialKind.CONFIRM]
    _rebuild(study, searched, epochs, events)
    stopped = _replay(study, searched, epochs, events)
    for trial in trials:
        study.adopt(trial, epochs[trial.number], stopped=trial.number in stopped)


def _rebuild(
    study: Study,
    trials: list[TrialRecord],
    epochs: Mapping[int, list[EpochRecord]],
    events: list[Event],
) -> None:
    """Give the sampler its view, in the order in which it was made: that has a weight in it."""
    suggester = study.suggester
    rejected = deque(
        Infeasible(**event.data) for event in events if event.kind is EventKind.INFEASIBLE
    )
    judge = _constraints_changed(events)
    for trial in trials:
        ask = trial.sampler.get("ask", -1)
        while rejected and rejected[0].ask < ask:
            suggester.restore_infeasible(rejected.popleft(), judge=judge)
        suggester.restore(trial, epochs[trial.number], study.goals.first)
    for infeasible in rejected:
        suggester.restore_infeasible(infeasible, judge=judge)
    for event in events:
        if event.kind is EventKind.EXPLOITED:
            suggester.saw(event.data["before"])


def _constraints_changed(events: list[Event]) -> bool:
    """Whether the study went on with other constraints at some time (with --force)."""
    return any(
        change.startswith("constraints")
        for event in events
        for change in event.data.get("differences", ())
    )


def _replay(
    study: Study,
    trials: list[TrialRecord],
    epochs: Mapping[int, list[EpochRecord]],
    events: list[Event],
) -> set[int]:
    """Repeat the calls that the scheduler has had; returns the trials that it has stopped."""
    searched = {trial.number for trial in trials if trial.kind is TrialKind.SEARCH}
    stopped: set[int] = set()
    started = -1
    params = _first_params(trials, events)  # becomes what they have now
    for what in _in_order(trials, epochs, events):
        newest = _trial_of(what)
        for number in range(started + 1, newest + 1):
            if number in searched:
                study.scheduler.started(number, params[number])
        started = max(started, newest)
        if isinstance(what, EpochRecord):
            value = study.goals.greater(what.metrics[study.goals.first])
            decision = study.scheduler.report(what.trial, what.epoch, value)
            if decision is Decision.STOP and what.trial in searched:
                study.scheduler.ended(what.trial, TrialState.STOPPED)
                stopped.add(what.trial)
        elif isinstance(what, Event):
            study.scheduler.next_resume(drain=bool(what.data["drain"]))
            params[newest] = what.data.get("params") or params[newest]
            study.scheduler.started(newest, params[newest])
            stopped.discard(newest)
        elif what.number not in stopped:
            study.scheduler.ended(what.number, what.state)
    for number in sorted(searched):
        if number > started:
            study.scheduler.started(number, params[number])
    return stopped


def _in_order(
    trials: list[TrialRecord], epochs: Mapping[int, list[EpochRecord]], events: list[Event]
) -> Iterator[TrialRecord | EpochRecord | Event]:
    happened: list[TrialRecord | EpochRecord | Event] = [
        *(trial for trial in trials if trial.state in _ENDED),
        *(epoch for trial in trials for epoch in epochs[trial.number]),
        *(event for event in events if event.kind in _RUNS_ON),
    ]
    return iter(sorted(happened, key=lambda what: what.revision))


def _trial_of(what: TrialRecord | EpochRecord | Event) -> int:
    if isinstance(what, TrialRecord):
        return what.number
    assert what.trial is not None
    return what.trial


def _first_params(trials: list[TrialRecord], events: list[Event]) -> dict[int, dict[str, Any]]:
    """The params that each trial started with, before PBT changed them."""
    first = {trial.number: trial.params for trial in trials}
    for event in reversed(events):
        if event.kind is EventKind.EXPLOITED and event.trial is not None:
            first[event.trial] = event.data["before"]
    return first
