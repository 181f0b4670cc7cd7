"""What the best trials reach under other seeds: how much of their value was luck.

The value that a trial was chosen for is too good on average, because it was chosen: it is shown
beside the mean over the other seeds, never within it.
"""

import statistics
from collections import defaultdict
from dataclasses import dataclass

from tuner.analysis.comparison import Comparison
from tuner.analysis.rows import Row
from tuner.analysis.settings import canonical
from tuner.analysis.snapshot import Snapshot
from tuner.records import TrialKind, TrialRecord, TrialState


@dataclass(frozen=True)
class Confirmed:
    """A trial and the best values of its repeats that reached their own end."""

    row: Row
    values: tuple[float, ...]
    others: int  # repeats that failed, or have not ended yet

    @property
    def mean(self) -> float:
        """The mean over the repeats."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """The standard deviation over the repeats, None of a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None


def confirmed(study: Snapshot, comparison: Comparison) -> list[Confirmed]:
    """The trials of a study that were repeated, by the mean of their repeats, best first."""
    repeats: dict[str, list[TrialRecord]] = defaultdict(list)
    for trial in study.trials:
        if trial.kind is TrialKind.CONFIRM:
            repeats[_apart_from_seed(trial)].append(trial)
    rows = {row.number: row for row in comparison.rows if row.study == study.name}
    found = [
        _summed_up(rows, trial, repeats.pop(setting), study.metric)
        for trial in study.trials
        if trial.kind is not TrialKind.CONFIRM and (setting := _apart_from_seed(trial)) in repeats
    ]
    sign = 1 if study.metric and study.describe(study.metric).minimized else -1
    return sorted((one for one in found if one.values), key=lambda one: sign * one.mean)


def _summed_up(
    rows: dict[int, Row], trial: TrialRecord, repeats: list[TrialRecord], metric: str | None
) -> Confirmed:
    complete = [one for one in repeats if one.state is TrialState.COMPLETE]
    bests = [rows[one.number].best(metric) for one in complete]
    values = tuple(value for value in bests if value is not None)
    return Confirmed(rows[trial.number], values, len(repeats) - len(values))


def _apart_from_seed(trial: TrialRecord) -> str:
    return canonical({key: value for key, value in trial.config.items() if key != "seed"})
