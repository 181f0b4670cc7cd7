"""When a study ran: its runs, the epochs that each trained, and how long all have searched."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tuner.records.entries import EpochRecord, Event
from tuner.records.kinds import RUN_STARTS, EventKind


@dataclass(frozen=True)
class Run:
    """One run of a study, from `began` (Ray is there) to its last sign, both in Unix seconds.

    Of a run that was ended before its trials could begin both are the time of its start.
    """

    kind: EventKind
    began: float
    ended: float
    epochs: tuple[EpochRecord, ...]

    @property
    def seconds(self) -> float:
        """How long it ran. A clock that was set back makes it nothing, never less."""
        return max(0.0, self.ended - self.began)


def runs(events: Sequence[Event], epochs: Sequence[EpochRecord]) -> list[Run]:
    """The runs of a study, oldest first: what prepares one does not count, nor what is between.

    A run that was killed lasted to its last epoch. An epoch counts to the run that trained it,
    which is not always the one that has recorded it: what a checkpoint has and study.db had not
    when a run was ended is recorded by the next, with the times that it had.
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
    """Seconds of all searches, without the repeats that confirm their best (see `runs`)."""
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
    """The run that trained an epoch: an earlier one than has recorded it where the times say so.

    The clock decides only then, for it may have been set back between two runs.
    """
    if epoch.ended > starts[recorded].time:
        return recorded
    earlier = (at for at in range(recorded - 1, -1, -1) if starts[at].time <= epoch.started)
    return next(earlier, recorded)
