"""All use of Optuna beyond its public interface.

In Optuna an ended trial cannot be changed. But a scheduler that promotes stops a trial and later
continues it, and a failed trial is given the worst values that are known at the time of each
proposal. So this storage, in memory, allows ended trials to change.

`tests/tuner/core/test_optuna_storage.py` fails when a new version of Optuna moves what this relies
on.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.storages import InMemoryStorage
from optuna.study import Study, _constrained_optimization
from optuna.trial import FrozenTrial, Trial, TrialState

CONSTRAINT = f"{_constrained_optimization._CONSTRAINTS_KEY}:"
"""Prefix of the attributes that hold a trial's constraints; a value above 0 is a violation."""


def id_of(trial: Trial | FrozenTrial) -> int:
    """Return the trial's key in the storage; its `number` counts only within its study."""
    return int(trial._trial_id)


class ReopenableStorage(InMemoryStorage):
    """Storage of a single study, in memory, in which an ended trial can be changed."""

    def add(self, study: Study, trial: FrozenTrial) -> int:
        """Add a trial as it is; return its id."""
        return int(self.create_new_trial(study._study_id, template_trial=trial))

    def reopen(self, trial_id: int) -> None:
        """Set an ended trial RUNNING, with its params and intermediate values."""

        def running(trial: FrozenTrial) -> None:
            trial.state, trial.values, trial.datetime_complete = TrialState.RUNNING, None, None

        self._change(trial_id, running)

    def replace_params(
        self,
        trial_id: int,
        params: dict[str, Any],
        distributions: dict[str, BaseDistribution],
    ) -> None:
        """Give a trial other params than those that its sampler has proposed."""

        def replaced(trial: FrozenTrial) -> None:
            trial.params, trial.distributions = params, distributions

        self._change(trial_id, replaced)

    def replace_values(self, trial_id: int, values: Sequence[float]) -> None:
        """Give an ended trial other values."""

        def replaced(trial: FrozenTrial) -> None:
            trial.state, trial.values = TrialState.COMPLETE, list(values)

        self._change(trial_id, replaced)

    def break_constraint(self, trial_id: int, name: str, by: float = 1.0) -> None:
        """Mark a running trial as violating a constraint, by `by` > 0."""
        self.set_trial_system_attr(trial_id, f"{CONSTRAINT}{name}", by)

    def _change(self, trial_id: int, change: Callable[[FrozenTrial], None]) -> None:
        with self._lock:
            trial = copy.copy(self._get_trial(trial_id))
            change(trial)
            self._set_trial(trial_id, trial)
