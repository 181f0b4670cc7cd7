"""Failing fast: a study ends if all of its trials fail with the same kind of error."""

from collections.abc import Iterable

from tuner.core.trials import TrialStore
from tuner.records import TrialState

ALIKE = 3
"""Number of trials that must all have failed with the same kind of error."""
ALIKE_BY_SETTING = 10
"""The same for errors that depend on the setting, because other settings may not have them."""
BY_SETTING = ("NonFiniteError", "OutOfMemoryError", "MemoryError")


def alike_failures(trials: TrialStore, running: Iterable[int]) -> int:
    """Return how many trials have failed, if all failed alike; 0 while there is hope.

    There is hope while a trial is running that is older than the latest failures (so it does not
    merely lag behind them) or that has got further than any trial that failed.

    Args:
        trials: all trials of the study.
        running: the numbers of those that workers run now.
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
