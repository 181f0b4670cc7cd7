"""Restoring a study from study.db."""

from collections import defaultdict, deque
from collections.abc import Mapping

from tuner.core.study import Study
from tuner.core.suggester import Infeasible
from tuner.lifecycle.replay import replay
from tuner.records import EpochRecord, Event, EventKind, Records, TrialKind, TrialRecord


def restore(study: Study, records: Records) -> None:
    """Restore the recorded state of a study; unfinished trials are queued to continue.

    The sampler's view is rebuilt from the trials and their epochs. The state of the scheduler is a
    function of its calls, so these are repeated in the order of their revisions.

    Args:
        study: a new study, built for the same file.
        records: its study.db.
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
    """Rebuild the sampler's view in its original order, which some samplers depend on.

    When a trial was proposed, the sampler knew only the trials that had ended by then.
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
    """Whether the study has continued with other constraints at some time (with --force)."""
    return any(
        change.startswith("constraints")
        for event in events
        for change in event.data.get("differences", ())
    )
