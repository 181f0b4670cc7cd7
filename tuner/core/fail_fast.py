"""When a study is not worth going on with: whatever is tried, it fails in the same way."""

from collections.abc import Iterable

from tuner.core.trials import TrialStore
from tuner.records import TrialState

ALIKE = 3
"""Trials that must all have failed with the same kind of error."""
ALIKE_BY_SETTING = 10
"""As many of an error that comes from the setting: other settings may do without it."""
BY_SETTING = ("NonFiniteError", "OutOfMemoryError", "MemoryError")


def failing_alike(trials: TrialStore, running: Iterable[int]) -> int:
    """How many trials have failed alike, where all have; 0 where there is hope.

    A running trial gives hope if it is older than the latest failures, so that it is not one of
    them by luck of timing, or has come further than any that failed.
    """
    ended = [trial for trial in trials if trial.state is not TrialState.RUNNING]
    kinds = {trial.reason if trial.state is TrialState.FAILED else None for trial in ended}
    needed = ALIKE_BY_SETTING if kinds <= set(BY_SETTING) else ALIKE
    if len(ended) < needed or len(kinds) > 1 or None in kinds:
        return 0
    furthest = max(trials.epochs(trial.number) for trial in ended)
    latest = sorted(trial.number for trial in ended)[-needed]
    hope = any(trial < latest or trials.epochs(trial) > furthest for trial in running)
    return 0 if hope else len(ended)
