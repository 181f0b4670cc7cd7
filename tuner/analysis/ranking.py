"""The order of a study's trials, best first."""

from collections.abc import Iterable

from tuner.analysis.rows import Row
from tuner.analysis.snapshot import Snapshot
from tuner.records import TrialState


def ranked(study: Snapshot, rows: Iterable[Row]) -> list[Row]:
    """Sort the trials of a study.

    They are sorted by the best value of the first metric; trials without a value follow by number,
    and failed trials come last. A failed trial is never among the best, however good an epoch was
    before it failed; a running, stopped or interrupted trial is judged by what it has reached.

    Once trials have been repeated with other seeds, they come first, by the mean over the seeds. A
    trial without repeats comes before them only if its value is better than the value for which any
    of them was chosen: a single value, chosen for being the best, cannot be compared with a mean.
    The repeats themselves come after all trials that have a value.
    """
    found = list(rows)
    sign = 1 if study.metric and study.describe(study.metric).minimized else -1

    def cost(value: float | None) -> float:
        return 0.0 if value is None else sign * value

    chosen = [cost(r.best(study.metric)) for r in found if _counts(r, study) and r.repeats]
    to_beat = min(chosen, default=float("inf"))

    def key(row: Row) -> tuple[int, float, int]:
        own = cost(row.best(study.metric))
        if row.state is TrialState.FAILED:
            return (5, 0.0, row.number)
        if row.best(study.metric) is None:
            return (4, 0.0, row.number)
        if row.is_repeat:
            return (3, own, row.number)
        if row.repeats:
            return (1, cost(row.repeats.mean), row.number)
        return (0 if own < to_beat and chosen else 2, own, row.number)

    return sorted(found, key=key)


def is_ranked(row: Row, metric: str | None) -> bool:
    """Return whether a trial is ranked: it has a value, has not failed, and is not a repeat."""
    failed = row.state is TrialState.FAILED
    return not failed and not row.is_repeat and row.best(metric) is not None


def _counts(row: Row, study: Snapshot) -> bool:
    return row.state is not TrialState.FAILED and row.best(study.metric) is not None
