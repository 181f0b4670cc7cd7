"""How much of the workers' time went into training.

For every run of a study (a start, resume or extension and what follows until the next):

    utilization = sum of the durations of the run's epochs
                  / sum over its workers of (end of the worker's last epoch - t0)

where t0 is the start of the first epoch that any worker of the run recorded. So what lies before
the first trial trains (starting Ray, loading data) and a worker's wait after its last epoch, when
nothing is left to do, do not count; all between does: proposing settings, starting trials,
checkpoints, epochs that were lost to a crash. The time between two runs does not count.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tuner.analysis.rows import duration
from tuner.analysis.snapshot import Snapshot
from tuner.records import RUN_STARTS, EpochRecord, EventKind


@dataclass(frozen=True)
class Utilization:
    """Seconds that the workers trained, out of the seconds that they could have."""

    training: float
    available: float
    workers: int

    @property
    def ratio(self) -> float | None:
        """From 0 to 1; None where nothing was trained."""
        return min(1.0, self.training / self.available) if self.available > 0 else None


def utilization(snapshot: Snapshot) -> Utilization:
    """How busy the workers were, over all runs of the study."""
    runs = [run_utilization(epochs) for epochs in epochs_by_run(snapshot)]
    return Utilization(
        sum(run.training for run in runs),
        sum(run.available for run in runs),
        max((run.workers for run in runs), default=0),
    )


def run_utilization(epochs: Sequence[EpochRecord]) -> Utilization:
    """How busy the workers were in one run, from its epochs (at least one)."""
    first = min(epoch.started for epoch in epochs)
    last: dict[str, float] = defaultdict(lambda: first)
    for epoch in epochs:
        last[epoch.worker] = max(last[epoch.worker], epoch.ended)
    training = sum(duration(epoch) for epoch in epochs)
    return Utilization(training, sum(end - first for end in last.values()), len(last))


def epochs_by_run(snapshot: Snapshot) -> list[list[EpochRecord]]:
    """The epochs of every run that trained, oldest run first.

    By the order in which they were written, not by the clock, which may have been set back.
    """
    starts = [
        event.revision
        for event in snapshot.events
        if event.kind in (*RUN_STARTS, EventKind.CONFIRMING)
    ]
    runs: dict[int, list[EpochRecord]] = defaultdict(list)
    for epochs in snapshot.epochs.values():
        for epoch in epochs:
            runs[bisect_right(starts, epoch.revision)].append(epoch)
    return [runs[number] for number in sorted(runs)]
