"""How much of the workers' time was spent on training.

For every run of a study (a start, resume or extension and what follows until the next):

    utilization = sum of the durations of the run's epochs
                  / sum over its workers of (end of the worker's last epoch - t0)

where t0 is the start of the first epoch that any worker of the run recorded. So the time before the
first trial trains (starting Ray, loading data) and a worker's wait after its last epoch, when there
is nothing left to do, do not count; everything in between does: proposing settings, starting
trials, checkpoints, epochs that were lost in a crash. The time between two runs does not count.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tuner.analysis.rows import duration
from tuner.analysis.snapshot import Snapshot
from tuner.records import EpochRecord
from tuner.records.elapsed import runs


@dataclass(frozen=True)
class Utilization:
    """Seconds that the workers trained, out of the seconds that they could have."""

    training: float
    available: float
    workers: int

    @property
    def ratio(self) -> float | None:
        """From 0 to 1; None if nothing was trained."""
        return min(1.0, self.training / self.available) if self.available > 0 else None


def utilization(snapshot: Snapshot) -> Utilization:
    """Return how busy the workers were, over all runs of the study."""
    epochs = [epoch for trained in snapshot.epochs.values() for epoch in trained]
    found = [run_utilization(run.epochs) for run in runs(snapshot.events, epochs) if run.epochs]
    return Utilization(
        sum(run.training for run in found),
        sum(run.available for run in found),
        max((run.workers for run in found), default=0),
    )


def run_utilization(epochs: Sequence[EpochRecord]) -> Utilization:
    """Return how busy the workers were in a run, from its epochs (at least 1)."""
    first = min(epoch.started for epoch in epochs)
    last: dict[str, float] = defaultdict(lambda: first)
    for epoch in epochs:
        last[epoch.worker] = max(last[epoch.worker], epoch.ended)
    training = sum(duration(epoch) for epoch in epochs)
    return Utilization(training, sum(end - first for end in last.values()), len(last))
