"""Brings a study back to where study.db says that it stands."""

from collections import defaultdict, deque
from collections.abc import Mapping

from tuner.core.study import Study
from tuner.core.suggester import Infeasible
from tuner.lifecycle.replay import replay
from tuner.records import EpochRecord, Event, EventKind, Records, TrialKind, TrialRecord


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
    stopped = replay(study.state.scheduler, study.state.goals, searched, epochs, events)
    _rebuild(study, trials, epochs, events, stopped)


def _rebuild(
    study: Study,
    trials: list[TrialRecord],
    epochs: Mapping[int, list[EpochRecord]],
    events: list[Event],
    stopped: set[int],
) -> None:
    """Give the sampler its view, in the order in which it was made: that has a weight in it.

    When a trial was proposed, the sampler knew those that had ended by then, and no others.
    """
    suggester = study.state.suggester
    rejected = deque(
        Infeasible(**event.data) for event in events if event.kind is EventKind.INFEASIBLE
    )
    judge = _constraints_changed(events)
    waiting: list[TrialRecord] = []
    for trial in trials:
        ended = [
            earlier
            for earlier in waiting
            if earlier.ended is not None and earlier.ended <= trial.created
        ]
        for earlier in ended:
            study.adopt(earlier, epochs[earlier.number], stopped=earlier.number in stopped)
            waiting.remove(earlier)
        waiting.append(trial)
        if trial.kind is TrialKind.CONFIRM:
            continue
        ask = trial.sampler.get("ask", -1)
        while rejected and rejected[0].ask < ask:
            suggester.restore_infeasible(rejected.popleft(), judge=judge)
        suggester.restore(trial, epochs[trial.number], study.state.goals.first)
    for infeasible in rejected:
        suggester.restore_infeasible(infeasible, judge=judge)
    for event in events:
        if event.kind is EventKind.EXPLOITED:
            suggester.exclude(event.data["before"])
    for trial in waiting:
        study.adopt(trial, epochs[trial.number], stopped=trial.number in stopped)


def _constraints_changed(events: list[Event]) -> bool:
    """Whether the study went on with other constraints at some time (with --force)."""
    return any(
        change.startswith("constraints")
        for event in events
        for change in event.data.get("differences", ())
    )
