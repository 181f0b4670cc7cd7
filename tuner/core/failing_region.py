"""Regions of the search space in which trials fail: when many fail, what do they have in common?"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tuner.core.job import MACHINE_FAULTS
from tuner.core.trials import TrialStore
from tuner.records import TrialKind, TrialRecord, TrialState

WINDOW = 10
"""Number of recent trials that are looked at."""
MANY = 6
"""Failures among them that are worth a warning; the next warning comes when they have doubled."""
_SUCCEEDED = (TrialState.COMPLETE, TrialState.STOPPED)


class FailingRegion:
    """Watches the searched trials of a study for failures that their settings explain."""

    def __init__(self, trials: TrialStore) -> None:
        self._trials = trials
        self._due = MANY

    def warning(self) -> str | None:
        """Return a warning after a trial has failed; None if there is nothing new to say."""
        ended = [t for t in self._trials if t.kind is TrialKind.SEARCH and _says_something(t)]
        recent = [trial for trial in ended[-WINDOW:] if trial.state is TrialState.FAILED]
        failed = [trial for trial in ended if trial.state is TrialState.FAILED]
        if len(recent) < MANY or len(failed) < self._due:
            return None
        self._due = 2 * len(failed)
        kinds = ", ".join(dict.fromkeys(str(trial.reason) for trial in recent))
        text = f"{len(recent)} of the last {len(ended[-WINDOW:])} trials failed ({kinds})"
        where = region(failed, [trial for trial in ended if trial.state in _SUCCEEDED])
        if where is None:
            return text
        return f"{text}; all {len(failed)} that failed have {where}, and none that succeeded"


def region(failed: Sequence[TrialRecord], succeeded: Sequence[TrialRecord]) -> str | None:
    """Return the condition that all failed trials meet and no other trial does, if there is one."""
    paths = dict.fromkeys(path for trial in failed for path in trial.params)
    return next((found for path in paths for found in _conditions(path, failed, succeeded)), None)


def _conditions(
    path: str, failed: Sequence[TrialRecord], succeeded: Sequence[TrialRecord]
) -> Iterator[str]:
    bad: list[Any] = [trial.params.get(path) for trial in failed]
    good = [trial.params[path] for trial in succeeded if path in trial.params]
    if not good:
        return
    if all(map(_is_number, [*bad, *good])):
        if min(bad) > max(good):
            yield f"{path} >= {_bound(min(bad), max(good))}"
        if max(bad) < min(good):
            yield f"{path} <= {_bound(max(bad), min(good))}"
    elif all(value == bad[0] for value in bad) and bad[0] not in good:
        value = bad[0] if isinstance(bad[0], str) else json.dumps(bad[0])
        yield f"{path} = {value}"


def _bound(bad: float, good: float) -> str:
    """The value that failed, rounded as far as that separates it from the value that did not."""
    exact = repr(bad)
    rounded = (f"{bad:.{digits}g}" for digits in range(4, len(exact)))
    low, high = sorted((bad, good))
    return next((t for t in rounded if low <= float(t) <= high and float(t) != good), exact)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _says_something(trial: TrialRecord) -> bool:
    """Whether a trial has ended in a way that says something about its setting."""
    failed = trial.state is TrialState.FAILED and trial.reason not in MACHINE_FAULTS
    return failed or trial.state in _SUCCEEDED
