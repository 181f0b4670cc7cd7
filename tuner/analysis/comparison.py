"""All trials of one or several studies side by side: what they were set to and what they got.

Order: studies as given; in a study, trials by the best value of its first metric, then those
without a value by number, then the failed ones. A failed trial is never among the best, however
good an epoch was before it failed; a running, stopped or interrupted one is judged by what it
has reached.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tuner.analysis.labels import labelled
from tuner.analysis.lookup import BEST, find_row
from tuner.analysis.metrics import minimized
from tuner.analysis.rows import BicubicRow, Changes, Difference, Row, bicubic_row, trial_row
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.records import Records, TrialKind, TrialState

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Rows to compare, and which columns they have.

    `params` are the searched or set paths that any trial has, with `diff_only` those whose
    values differ; `metrics` the names that any trial measured, the ones searched for first.
    """

    studies: tuple[Snapshot, ...]
    params: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]
    bicubic: tuple[BicubicRow, ...]  # of every study that measured it
    reference: Row | None = None

    @property
    def metric(self) -> str | None:
        """The metric that the (first) study is sorted by."""
        return self.studies[0].metric

    def minimized(self, metric: str) -> bool:
        """Whether less of `metric` is better."""
        directions = {k: v for study in reversed(self.studies) for k, v in study.directions.items()}
        return minimized(metric, directions)

    def best(self, study: str | None = None) -> Row | None:
        """The best trial of a study (the first by default); None while none has a value."""
        chosen = next(one for one in self.studies if study is None or one.name == study)
        first = next((row for row in self.rows if row.study == chosen.name), None)
        return first if first is not None and is_ranked(first, chosen.metric) else None

    def to_frame(self) -> "pd.DataFrame":
        """A table of plain values for further work: a row for every trial and for bicubic.

        The columns are those of the CSV format (see `tuner.analysis.plain_columns`).
        """
        import pandas as pd

        from tuner.analysis.plain_columns import plain_columns

        columns = plain_columns(self)
        lines = [[column.value(row) for column in columns] for row in self.lines()]
        return pd.DataFrame(lines, columns=[column.key for column in columns])

    def lines(self) -> tuple[Row | BicubicRow, ...]:
        """All rows as shown: for every study bicubic first, then its trials, best first."""
        lines: list[Row | BicubicRow] = []
        for study in self.studies:
            lines += [row for row in self.bicubic if row.study == study.name]
            lines += [row for row in self.rows if row.study == study.name]
        return tuple(lines)


def compare(
    records: Records | Snapshot, *, reference: str | None = None, diff_only: bool = False
) -> Comparison:
    """Compare the trials of one study.

    Args:
        records: the study.
        reference: the trial that the others are compared with, by name.
        diff_only: keep only the params whose values differ between trials.

    Raises:
        NoSuchTrialError: no trial has the reference's name.
    """
    return compare_studies([records], reference=reference, diff_only=diff_only)


def compare_studies(
    studies: Sequence[Records | Snapshot], *, reference: str | None = None, diff_only: bool = False
) -> Comparison:
    """Compare the trials of several studies, a bicubic row for each (see `compare`).

    Studies that share a name are told apart by their folders. Where several studies have a trial
    of the reference's name, it is given as `study/name`; `best` is the best trial of the first.
    """
    read = [one if isinstance(one, Snapshot) else read_snapshot(one) for one in studies]
    snapshots = labelled(read)
    params = _params(snapshots)
    by_study = [_rows(snapshot, params) for snapshot in snapshots]
    rows = [row for part in by_study for row in part]
    if diff_only:
        params = tuple(path for path in params if _differs(path, rows))
        rows = [replace(row, params={path: row.params[path] for path in params}) for row in rows]
    pairs = zip(snapshots, by_study, strict=True)
    bicubic = [row for snapshot, part in pairs if (row := bicubic_row(snapshot, part))]
    comparison = Comparison(
        tuple(snapshots), params, _metrics(snapshots, rows), tuple(rows), tuple(bicubic)
    )
    return comparison if reference is None else _against(comparison, _find(comparison, reference))


def is_ranked(row: Row, metric: str | None) -> bool:
    """Whether a trial takes part in the ranking: it has a value and has not failed."""
    return row.state is not TrialState.FAILED and row.best(metric) is not None


def _find(comparison: Comparison, reference: str) -> Row:
    best = comparison.best()
    taken = any(row.trial == reference for row in comparison.rows)
    if reference == BEST and best is not None and not taken:
        return best
    return find_row(comparison.rows, reference, [study.name for study in comparison.studies])


def _params(snapshots: Iterable[Snapshot]) -> tuple[str, ...]:
    """All settings, in the order of the study file: what the sampler sets comes in that order."""
    trials = [trial for snapshot in snapshots for trial in snapshot.trials]
    trials.sort(key=lambda trial: trial.kind is TrialKind.BASELINE)
    return tuple(dict.fromkeys(path for trial in trials for path in trial.params))


def _metrics(snapshots: Iterable[Snapshot], rows: Iterable[Row]) -> tuple[str, ...]:
    searched = [name for snapshot in snapshots for name in snapshot.metrics]
    measured = dict.fromkeys(name for row in rows for name in row.metrics)
    return tuple(dict.fromkeys([*(n for n in searched if n in measured), *sorted(measured)]))


def _rows(snapshot: Snapshot, params: tuple[str, ...]) -> list[Row]:
    rows = [trial_row(snapshot, trial, params) for trial in snapshot.trials]
    return sorted(rows, key=lambda row: _rank(row, snapshot))


def _rank(row: Row, snapshot: Snapshot) -> tuple[bool, bool, float, int]:
    value = row.best(snapshot.metric)
    sign = 1 if minimized(snapshot.metric or "", snapshot.directions) else -1
    score = 0.0 if value is None else sign * value
    failed = row.state is TrialState.FAILED
    return (failed, value is None and not failed, 0.0 if failed else score, row.number)


def _differs(path: str, rows: Iterable[Row]) -> bool:
    return len({canonical(row.params[path]) for row in rows}) > 1


def canonical(value: Any) -> str:
    """Values that mean the same setting as the same text (1 and 1.0, tuple and list)."""
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, sort_keys=True, default=str)


def _against(comparison: Comparison, reference: Row) -> Comparison:
    def changed(row: Row) -> Row:
        if row is reference:
            return row
        params = {
            path
            for path in comparison.params
            if canonical(row.params[path]) != canonical(reference.params[path])
        }
        own = {name: row.best(name) for name in row.metrics}
        found = _differences(comparison, own, reference)
        if any(path.split(".")[0] == "loss" for path in params):
            found = {name: _unjudged(name, one) for name, one in found.items()}
        return replace(row, changes=Changes(frozenset(params), found))

    bicubic = [
        replace(row, changes=Changes(frozenset(), _differences(comparison, row.metrics, reference)))
        for row in comparison.bicubic
    ]
    return replace(
        comparison,
        rows=tuple(changed(row) for row in comparison.rows),
        bicubic=tuple(bicubic),
        reference=reference,
    )


def _unjudged(metric: str, difference: Difference) -> Difference:
    """Values of two loss functions can be told apart, but neither is better."""
    is_loss = metric.rsplit("/", 1)[-1] == "loss"
    return replace(difference, better=None) if is_loss else difference


def _differences(
    comparison: Comparison, metrics: dict[str, float] | dict[str, float | None], reference: Row
) -> dict[str, Difference]:
    found = {}
    for name, value in metrics.items():
        baseline = reference.best(name)
        if value is None or baseline is None:
            continue
        difference = value - baseline
        better = None if difference == 0 else (difference < 0) == comparison.minimized(name)
        found[name] = Difference(difference, better)
    return found
