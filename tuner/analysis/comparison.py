"""All trials of one or several studies side by side: their settings and their results.

Studies keep the order in which they are given; in each of them the best trials come first (see
`ranking`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tuner.analysis.baselines import Gain, gain_of
from tuner.analysis.labels import labelled
from tuner.analysis.lookup import BEST, find_row
from tuner.analysis.pareto import front
from tuner.analysis.ranking import is_ranked, ranked
from tuner.analysis.reference import changes_of_baseline, changes_of_trial
from tuner.analysis.repeats import with_repeats
from tuner.analysis.rows import BaselineRow, Row, baseline_rows, trial_row
from tuner.analysis.settings import canonical
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.objectives.metric import Metric
from tuner.records import Records, TrialKind

Line = Row | BaselineRow


@dataclass(frozen=True)
class Comparison:
    """Rows to compare, and which columns they have.

    Attributes:
        studies: the studies, in the given order.
        params: the searched or set paths that any trial has; with `diff_only`, those whose values
            differ.
        metrics: the names of all measured metrics, those that are searched for first.
        rows: the trials.
        baselines: what the trials of a study are compared with.
        reference: the trial that the others are compared with.
        best_of_each: show people the best value of each metric, whatever its epoch; otherwise all
            values of a trial's best epoch, which belong to the same checkpoint.
    """

    studies: tuple[Snapshot, ...]
    params: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]
    baselines: tuple[BaselineRow, ...]  # of every study that has any
    reference: Row | None = None
    best_of_each: bool = False

    @property
    def metric(self) -> str | None:
        """The metric that the (first) study is sorted by."""
        return self.studies[0].metric

    def describe(self, name: str) -> Metric:
        """Return the description of a metric, from the first study that has a description."""
        known = (study.described[name] for study in self.studies if name in study.described)
        return next(known, Metric(name))

    @property
    def gain(self) -> Gain | None:
        """The gain in the first study that has a gain."""
        found = (gain_of(study.described, study.metric) for study in self.studies)
        return next((gain for gain in found if gain is not None), None)

    def best(self, study: str | None = None) -> Row | None:
        """Return the best trial of a study (the first by default); None if no trial has a value."""
        chosen = next(
            snapshot for snapshot in self.studies if study is None or snapshot.name == study
        )
        first = next((row for row in self.rows if row.study == chosen.name), None)
        return first if first is not None and is_ranked(first, chosen.metric) else None

    @cached_property
    def fronts(self) -> dict[str, frozenset[int]]:
        """The Pareto front of each study with several metrics: study -> trial numbers."""
        return {
            study.name: frozenset(front(study, (r for r in self.rows if r.study == study.name)))
            for study in self.studies
        }

    def shown(self) -> tuple[Line, ...]:
        """Return the rows that people are shown: repeats are part of their trial's row."""
        return tuple(
            line for line in self.lines() if not (isinstance(line, Row) and line.is_repeat)
        )

    def lines(self) -> tuple[Line, ...]:
        """Return all rows: for every study its baselines first, then its trials, best first."""
        lines: list[Line] = []
        for study in self.studies:
            lines += [row for row in self.baselines if row.study == study.name]
            lines += [row for row in self.rows if row.study == study.name]
        return tuple(lines)


def compare(
    records: Records | Snapshot,
    *,
    reference: str | None = None,
    diff_only: bool = False,
    best_of_each: bool = False,
) -> Comparison:
    """Compare the trials of a study.

    Args:
        records: the study.
        reference: the trial that the others are compared with, by name.
        diff_only: keep only the params whose values differ between trials.
        best_of_each: show the best value of each metric, not the values at the best epoch.

    Raises:
        NoSuchTrialError: no trial has the reference's name.
    """
    return compare_studies(
        [records], reference=reference, diff_only=diff_only, best_of_each=best_of_each
    )


def compare_studies(
    studies: Sequence[Records | Snapshot],
    *,
    reference: str | None = None,
    diff_only: bool = False,
    best_of_each: bool = False,
) -> Comparison:
    """Compare the trials of several studies, each with its own baselines (see `compare`).

    Studies with the same name are distinguished by their folders. If several studies have a trial
    with the reference's name, it is given as `study/name`; `best` is the best trial of the first.

    Args:
        studies: the studies, in the order in which they are shown.
        reference: the trial that the others are compared with, by name.
        diff_only: keep only the params whose values differ between trials.
        best_of_each: show the best value of each metric, not the values at the best epoch.

    Raises:
        NoSuchTrialError: no trial has the reference's name, or several studies have one.
    """
    read = [study if isinstance(study, Snapshot) else read_snapshot(study) for study in studies]
    snapshots = tuple(labelled(read))
    comparison = _all_of(snapshots, best_of_each=best_of_each)
    if diff_only:
        comparison = _that_differ(comparison)
    return comparison if reference is None else _against(comparison, _find(comparison, reference))


def is_on_front(comparison: Comparison, line: Line) -> bool:
    """Return whether a row is on its study's Pareto front."""
    return isinstance(line, Row) and line.number in comparison.fronts.get(line.study, ())


def _all_of(snapshots: tuple[Snapshot, ...], *, best_of_each: bool) -> Comparison:
    params = _params(snapshots)
    by_study = [_rows(snapshot, params) for snapshot in snapshots]
    pairs = list(zip(snapshots, by_study, strict=True))
    rows = tuple(row for part in by_study for row in part)
    return Comparison(
        snapshots,
        params,
        _metrics(snapshots, rows),
        rows,
        tuple(line for snapshot, part in pairs for line in baseline_rows(snapshot, part)),
        best_of_each=best_of_each,
    )


def _that_differ(comparison: Comparison) -> Comparison:
    """The comparison with only those params whose values differ."""

    def differs(path: str) -> bool:
        return len({canonical(row.params[path]) for row in comparison.rows}) > 1

    params = tuple(path for path in comparison.params if differs(path))
    rows = (
        replace(row, params={path: row.params[path] for path in params}) for row in comparison.rows
    )
    return replace(comparison, params=params, rows=tuple(rows))


def _against(comparison: Comparison, reference: Row) -> Comparison:
    """The comparison with the differences of each row from the reference."""
    describe = comparison.describe
    rows = (
        row
        if row is reference
        else replace(row, changes=changes_of_trial(row, reference, comparison.params, describe))
        for row in comparison.rows
    )
    baselines = (
        replace(line, changes=changes_of_baseline(line, reference, describe))
        for line in comparison.baselines
    )
    return replace(comparison, rows=tuple(rows), baselines=tuple(baselines), reference=reference)


def _find(comparison: Comparison, reference: str) -> Row:
    best = comparison.best()
    taken = any(row.trial == reference for row in comparison.rows)
    if reference == BEST and best is not None and not taken:
        return best
    return find_row(comparison.rows, reference, [study.name for study in comparison.studies])


def _params(snapshots: Iterable[Snapshot]) -> tuple[str, ...]:
    """All settings, in the order of the study file, which is the order of the sampler's params."""
    trials = [trial for snapshot in snapshots for trial in snapshot.trials]
    trials = [trial for trial in trials if trial.kind is not TrialKind.CONFIRM] or trials
    trials.sort(key=lambda trial: trial.kind is TrialKind.BASELINE)
    return tuple(dict.fromkeys(path for trial in trials for path in trial.params))


def _metrics(snapshots: Sequence[Snapshot], rows: Iterable[Row]) -> tuple[str, ...]:
    """All measured metrics: those that are searched for, then in the order of their declaration."""
    measured = {name for row in rows for name in row.metrics}
    searched = [name for snapshot in snapshots for name in snapshot.metrics]
    declared = [name for snapshot in snapshots for name in snapshot.described]
    order = dict.fromkeys([*searched, *declared, *sorted(measured)])
    return tuple(name for name in order if name in measured)


def _rows(snapshot: Snapshot, params: tuple[str, ...]) -> list[Row]:
    rows = [trial_row(snapshot, trial, params) for trial in snapshot.trials]
    return ranked(snapshot, with_repeats(snapshot, rows))
