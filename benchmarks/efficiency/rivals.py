"""Other tools' searches behind the calls of `tuner.executors.simulation.Driver`.

Their own classes run as they come, with the defaults that they come with; only the clock and
the workers are simulated.
"""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tuner.core.job import Job, Outcome
from tuner.objectives.protocol import Epoch
from tuner.objectives.surrogate import SurrogateConfig
from tuner.schedulers import Decision
from tuner.space import Range

INSTALL = 'pip install "sr-tuner[benchmarks]"'


class Rival:
    """What all rivals share: trials are numbered, never resumed, and never finished."""

    finished: str | None = None

    def __init__(self, search: dict[str, Range], metric: str, base: dict[str, Any]) -> None:
        self.search, self.metric, self.base = search, metric, base
        self._trials = 0

    def _job(self, params: dict[str, Any]) -> Job:
        number, self._trials = self._trials, self._trials + 1
        config = SurrogateConfig.model_validate({**self.base, **params})
        return Job(number, str(number), config, Path(), 0, self.metric, "maximize")

    def _result(self, epoch: Epoch) -> dict[str, Any]:
        return {"training_iteration": epoch.number, **epoch.metrics}

    def ended(self, trial: int, outcome: Outcome) -> None:
        """Nothing: every rival stops its trials itself, at the last epoch at the latest."""
        raise AssertionError(outcome)


class RayWithOptuna(Rival):
    """Ray Tune's OptunaSearch with its ASHAScheduler, in the order of Ray's controller.

    What is emulated is the controller alone: a result goes to the scheduler; a trial that it
    stops is told to the searcher with `on_trial_complete`, as TuneController does.
    """

    def __init__(
        self, search: dict[str, Range], metric: str, base: dict[str, Any], max_t: int, seed: int
    ) -> None:
        super().__init__(search, metric, base)
        import optuna
        from ray.tune.schedulers import ASHAScheduler
        from ray.tune.search.optuna import OptunaSearch

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        space = {path: dimension.distribution() for path, dimension in search.items()}
        self._searcher = OptunaSearch(space, metric=metric, mode="max", seed=seed)
        self._scheduler = ASHAScheduler(metric=metric, mode="max", max_t=max_t)
        self._ray_trials: dict[int, SimpleNamespace] = {}

    def next_job(self) -> Job | None:
        job = self._job(self._searcher.suggest(str(self._trials)))
        self._ray_trials[job.trial] = SimpleNamespace(trial_id=job.name)
        self._scheduler.on_trial_add(None, self._ray_trials[job.trial])
        return job

    def report(self, trial: int, epoch: Epoch, worker: str) -> Decision:
        result = self._result(epoch)
        self._searcher.on_trial_result(str(trial), result)
        action = self._scheduler.on_trial_result(None, self._ray_trials[trial], result)
        if action != "STOP":
            return Decision.CONTINUE
        self._searcher.on_trial_complete(str(trial), result)
        return Decision.STOP


class SyneTune(Rival):
    """A scheduler of Syne Tune's `optimizer.baselines`: "ASHA" or "BOHB"."""

    def __init__(
        self,
        search: dict[str, Range],
        metric: str,
        base: dict[str, Any],
        max_t: int,
        seed: int,
        *,
        kind: str,
    ) -> None:
        super().__init__(search, metric, base)
        import numpy as np
        from syne_tune.backend.trial_status import Trial
        from syne_tune.optimizer import baselines

        np.random.seed(seed)  # Syne Tune draws its random settings from numpy's global state
        self._make_trial = Trial
        self._scheduler = getattr(baselines, kind)(
            {path: _syne_domain(dimension) for path, dimension in search.items()},
            metric=metric,
            time_attr="training_iteration",
            max_t=max_t,
            do_minimize=False,
            random_seed=seed,
        )
        self._syne_trials: dict[int, Any] = {}

    def next_job(self) -> Job | None:
        suggestion = self._scheduler.suggest()
        # Its density estimator proposes whole numbers below their range; the nearest is run.
        job = self._job({p: self.search[p].as_listed(v) for p, v in suggestion.config.items()})
        created = datetime.fromtimestamp(0)
        trial = self._make_trial(job.trial, suggestion.config, created)
        self._syne_trials[job.trial] = trial
        self._scheduler.on_trial_add(trial)
        return job

    def report(self, trial: int, epoch: Epoch, worker: str) -> Decision:
        action = self._scheduler.on_trial_result(self._syne_trials[trial], self._result(epoch))
        return Decision.CONTINUE if action == "CONTINUE" else Decision.STOP


def _syne_domain(dimension: Range) -> Any:
    from syne_tune import config_space as cs

    if dimension.whole:
        return (cs.lograndint if dimension.log else cs.randint)(dimension.low, dimension.high)
    return (cs.loguniform if dimension.log else cs.uniform)(dimension.low, dimension.high)
