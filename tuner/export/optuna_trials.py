"""The trials of a study as Optuna trials.

Trials keep their numbers, times and settings. States: complete becomes COMPLETE with the values of
its best epoch; stopped becomes PRUNED (with a single metric, its last value, as in Optuna); failed
and interrupted become FAIL; running stays RUNNING, as of the export. Each epoch's value of the
first metric is an intermediate value. A setting outside of the search (which a baseline may have)
is not an Optuna parameter: all settings are in the user attribute `params`, beside `name`, `kind`,
`state`, `reason`, `error`, the static metrics and every metric's best.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tuner.analysis.metrics import finite
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.summaries import summaries
from tuner.records import TrialRecord, TrialState

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

    from tuner.space import SearchSpace

_STATES = {
    TrialState.COMPLETE: "COMPLETE",
    TrialState.STOPPED: "PRUNED",
    TrialState.FAILED: "FAIL",
    TrialState.INTERRUPTED: "FAIL",
    TrialState.RUNNING: "RUNNING",
}


class FrozenTrials:
    """A study's trials as Optuna trials, by number."""

    def __init__(self, study: Snapshot, space: "SearchSpace") -> None:
        self.study = study
        self.space = space
        self.distributions: dict[str, BaseDistribution] = space.distributions()

    def __iter__(self) -> "Iterator[FrozenTrial]":
        return (self._trial(trial) for trial in self.study.trials)

    def _trial(self, trial: TrialRecord) -> "FrozenTrial":
        from optuna.trial import FrozenTrial
        from optuna.trial import TrialState as OptunaState

        params = self.space.encode(trial.params)
        curve = self._curve(trial)
        values = self._values(trial, curve)
        state = OptunaState[_STATES[trial.state]]
        if state is OptunaState.COMPLETE and values is None:
            state = OptunaState.FAIL  # in Optuna a complete trial must have a value
        started = trial.created if trial.started is None else trial.started
        ended = self._end(trial, started) if state.is_finished() else None
        return FrozenTrial(
            number=trial.number,
            trial_id=-1,  # given by the storage
            state=state,
            value=None,
            values=values,
            datetime_start=datetime.fromtimestamp(started),
            datetime_complete=None if ended is None else datetime.fromtimestamp(ended),
            params=params,
            distributions={name: self.distributions[name] for name in params},
            user_attrs=self._attributes(trial),
            system_attrs={},
            intermediate_values=curve,
        )

    def _curve(self, trial: TrialRecord) -> dict[int, float]:
        metric = self.study.metrics[0]
        return {
            epoch.epoch: float(epoch.metrics[metric])
            for epoch in self.study.epochs[trial.number]
            if metric in epoch.metrics
        }

    def _values(self, trial: TrialRecord, curve: dict[int, float]) -> list[float] | None:
        """What a complete trial reached; for a stopped trial, what Optuna would give it."""
        if trial.state is TrialState.STOPPED and len(self.study.metrics) == 1 and curve:
            last = finite(curve[max(curve)])
            return None if last is None else [last]
        return self._reached(trial) if trial.state is TrialState.COMPLETE else None

    def _reached(self, trial: TrialRecord) -> list[float] | None:
        """All metrics of the epoch in which the first was best."""
        first = summaries(self.study, trial).get(self.study.metrics[0])
        at_best = next(
            (
                e.metrics
                for e in self.study.epochs[trial.number]
                if first and e.epoch == first.best_epoch
            ),
            {},
        )
        found = [
            finite(at_best.get(name, trial.static_metrics.get(name))) for name in self.study.metrics
        ]
        known = [value for value in found if value is not None]
        return known if len(known) == len(found) else None

    def _end(self, trial: TrialRecord, started: float) -> float:
        """When a trial ended; for an interrupted trial, when its last epoch did."""
        epochs = self.study.epochs[trial.number]
        last = epochs[-1].ended if epochs else started
        return last if trial.ended is None else trial.ended

    def _attributes(self, trial: TrialRecord) -> dict[str, Any]:
        best = {name: summary.best for name, summary in summaries(self.study, trial).items()}
        about = {"reason": trial.reason, "error": trial.error, **trial.static_metrics, **best}
        return {
            "name": trial.name,
            "kind": trial.kind.value,
            "state": trial.state.value,
            "params": trial.params,
            **{name: value for name, value in about.items() if value is not None},
        }
