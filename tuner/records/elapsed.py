"""When a study ran: its runs, the epochs that each of them trained, and the total search time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tuner.records.entries import EpochRecord, Event
from tuner.records.kinds import RUN_STARTS, EventKind


@dataclass(frozen=True)
class Run:
    """A run of a study, from `began` (Ray has started) to its last sign of life, in Unix seconds.

    If a run ended before its trials could begin, both are the time at which it was started.
    """

    kind: EventKind
    began: float
    ended: float
    epochs: tuple[EpochRecord, ...]

    @property
    def seconds(self) -> float:
        """Duration in seconds; 0, never negative, if the clock was set back meanwhile."""
        return max(0.0, self.ended - self.began)


def runs(events: Sequence[Event], epochs: Sequence[EpochRecord]) -> list[Run]:
    """Return the runs of a study, oldest first.

    The preparation of a run does not count, nor does the time between runs. A run that was killed
    lasted until its last epoch. An epoch belongs to the run that trained it, which may not be the
    run that recorded it: an epoch that was in a checkpoint but not yet in study.db when its run was
    killed is recorded by the next run, with its original times.

    Args:
        events: all events of the study, oldest first.
        epochs: the epochs of all its trials.
    """
    starts = [event for event in events if event.kind in (*RUN_STARTS, EventKind.CONFIRMING)]
    trained: list[list[EpochRecord]] = [[] for _ in starts]
    revisions = [start.revision for start in starts]
    for epoch in epochs:
        recorded = max(0, bisect_right(revisions, epoch.revision) - 1)
        if starts:
            trained[_trained_by(starts, recorded, epoch)].append(epoch)
    found = []
    for index, start in enumerate(starts):
        until = revisions[index + 1] if index + 1 < len(starts) else float("inf")
        own = [event for event in events if start.revision <= event.revision < until]
        found.append(_run(start, own, trained[index]))
    return found


def elapsed(events: Sequence[Event], epochs: Sequence[EpochRecord]) -> float:
    """Return the seconds spent on searching, without the runs that confirm the best trials."""
    found = runs(events, epochs)
    return sum(run.seconds for run in found if run.kind is not EventKind.CONFIRMING)


def _run(start: Event, own: Sequence[Event], epochs: Sequence[EpochRecord]) -> Run:
    searching = next((event for event in own if event.kind is EventKind.SEARCHING), None)
    if searching is None and not epochs:
        return Run(start.kind, start.time, start.time, ())
    began = start.time if searching is None else searching.time  # earlier versions did not say
    ended = max([*(event.time for event in own), *(epoch.ended for epoch in epochs)])
    return Run(start.kind, began, ended, tuple(epochs))


def _trained_by(starts: Sequence[Event], recorded: int, epoch: EpochRecord) -> int:
    """The index of the run that trained an epoch: `recorded`, or an earlier run by the times.

    The clock is trusted only then, because it may have been set back between two runs.
    """
    if epoch.ended > starts[recorded].time:
        return recorded
    earlier = (at for at in range(recorded - 1, -1, -1) if starts[at].time <= epoch.started)
    return next(earlier, recorded)
