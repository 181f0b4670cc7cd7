"""An Optuna storage in memory that is rebuilt, and in which an ended trial can run again."""

import copy
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState


class ReopenableStorage(InMemoryStorage):
    """Optuna ends a trial once; a scheduler that promotes stops it and later goes on with it."""

    def reopen(self, trial_id: int) -> None:
        """Set an ended trial RUNNING, with its params and intermediate values."""
        with self._lock:
            trial = copy.copy(self._get_trial(trial_id))
            trial.state, trial.values, trial.datetime_complete = TrialState.RUNNING, None, None
            self._set_trial(trial_id, trial)

    def replace_params(
        self,
        trial_id: int,
        params: dict[str, Any],
        distributions: dict[str, BaseDistribution],
    ) -> None:
        """Give a trial other params than its sampler has proposed."""
        with self._lock:
            trial = copy.copy(self._get_trial(trial_id))
            trial.params, trial.distributions = params, distributions
            self._set_trial(trial_id, trial)
