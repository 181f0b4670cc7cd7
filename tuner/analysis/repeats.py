"""The results of trials with other seeds: how much of their value was luck.

`tuner.confirm` trains the best trials again. The value that a trial was chosen for is too good on
average, because it was chosen: it is shown beside the mean over the other seeds, never included in
it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tuner.analysis.rows import Repeats, Row
from tuner.analysis.settings import canonical
from tuner.analysis.snapshot import Snapshot
from tuner.records import TrialKind, TrialRecord, TrialState


def repeats_of(study: Snapshot) -> dict[int, list[TrialRecord]]:
    """Return the repeats of each trial, by its number; they differ from it only in the seed."""
    found: dict[str, list[TrialRecord]] = defaultdict(list)
    for trial in study.trials:
        if trial.kind is TrialKind.CONFIRM:
            found[_apart_from_seed(trial)].append(trial)
    if not found:
        return {}
    return {
        trial.number: found.pop(setting)
        for trial in study.trials
        if trial.kind is not TrialKind.CONFIRM and (setting := _apart_from_seed(trial)) in found
    }


def with_repeats(study: Snapshot, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a study, with the results of their repeats."""
    by_number = {row.number: row for row in rows}
    summed = {
        number: _summed_up(study, [by_number[trial.number] for trial in repeats])
        for number, repeats in repeats_of(study).items()
    }
    known = {number: found for number, found in summed.items() if found.values}
    return [replace(row, repeats=known.get(row.number)) for row in rows]


def _summed_up(study: Snapshot, repeats: Sequence[Row]) -> Repeats:
    bests = [row.best(study.metric) for row in repeats if row.state is TrialState.COMPLETE]
    values = tuple(value for value in bests if value is not None)
    return Repeats(values, len(repeats) - len(values))


def _apart_from_seed(trial: TrialRecord) -> str:
    return canonical({key: value for key, value in trial.config.items() if key != "seed"})
