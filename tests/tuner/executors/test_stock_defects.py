"""Five defects of Ray Tune's own OptunaSearch (2.60), and that our bridge has none of them.

The stock searcher and scheduler are driven as Ray's controller drives them: a result that the
scheduler answers with STOP goes to `on_trial_complete`, any other to `on_trial_result`.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState
from ray import tune
from ray.tune.schedulers import AsyncHyperBandScheduler
from ray.tune.search.optuna import OptunaSearch

from tests.tuner.simulated import (
    SimulatedEngine,
    history,
    new_study,
    run_jobs,
    run_tuner,
    study_config,
    study_file,
    trained,
)
from tuner.records import Records
from tuner.records import TrialState as State

METRIC, STEP = "validation/psnr", "training_iteration"
OURS: dict[str, Any] = {
    "search": {"x": {"low": 0.0, "high": 1.0}},
    "sampler": {"type": "tpe", "seed": 0},
    "scheduler": {"type": "none"},
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def stock(**more: Any) -> OptunaSearch:
    settings = {"space": {"x": FloatDistribution(0.0, 1.0)}, "seed": 0} | more
    return OptunaSearch(metric=METRIC, mode="max", **settings)


def stock_trials(searcher: OptunaSearch) -> list[optuna.trial.FrozenTrial]:
    return list(searcher._ot_study.trials)


def result(value: float, step: int) -> dict[str, Any]:
    return {METRIC: value, STEP: step}


class TestStoppedTrials:
    """Optuna should know that they were stopped, and at which epoch."""

    EPOCHS = 9

    def test_stock_tells_them_as_complete_with_the_value_of_a_low_epoch(self) -> None:
        searcher = stock()
        scheduler = AsyncHyperBandScheduler(
            metric=METRIC, mode="max", max_t=self.EPOCHS, grace_period=1, reduction_factor=3
        )
        stopped = {}
        for number in range(16):
            x = searcher.suggest(str(number))["x"]
            trial = SimpleNamespace(trial_id=str(number))
            scheduler.on_trial_add(None, trial)
            for epoch in range(1, self.EPOCHS + 1):
                row = result((1 - abs(x - 0.3)) * epoch, epoch)
                if scheduler.on_trial_result(None, trial, row) == scheduler.STOP:
                    searcher.on_trial_complete(str(number), row)
                    if epoch < self.EPOCHS:
                        stopped[number] = epoch
                    break
                searcher.on_trial_result(str(number), row)
        assert len(stopped) > 5
        trials = stock_trials(searcher)
        assert {trial.state for trial in trials} == {TrialState.COMPLETE}, "never PRUNED"
        ends = [trial.value for number, trial in enumerate(trials) if number not in stopped]
        for number, epoch in stopped.items():
            assert trials[number].value < min(ends) / 2, "a low epoch's value, as if it were final"
            assert epoch not in trials[number].intermediate_values, "the step is not told"

    def test_ours_tells_them_as_pruned_with_their_step(self, tmp_path: Path) -> None:
        asha = {"type": "asha", "grace_period": 1, "mode": "stop"}
        config = study_config(tmp_path, **OURS | {"scheduler": asha})
        new_study(config, tmp_path / "study").close()
        study = run_jobs(config, tmp_path / "study")
        with Records.open(tmp_path / "study") as records:
            trials = {trial.number: trial for trial in records.trials()}
            epochs = {number: records.epochs(number) for number in trials}
        told = study.state.suggester.optuna_trials
        assert sum(trial.state is State.STOPPED for trial in trials.values()) > 5
        for number, trial in trials.items():
            wanted = TrialState.PRUNED if trial.state is State.STOPPED else TrialState.COMPLETE
            assert told[number].state is wanted
            values = {epoch.epoch: epoch.metrics[METRIC] for epoch in epochs[number]}
            assert told[number].intermediate_values == values, "every epoch, the last one too"


class TestNotFinite:
    """A trial whose loss is not a number has failed."""

    def test_stock_leaves_it_running_for_ever(self) -> None:
        searcher = stock()
        searcher.suggest("a")
        searcher.on_trial_result("a", result(20.0, 1))
        searcher.on_trial_complete("a", result(math.nan, 2))
        (trial,) = stock_trials(searcher)
        assert trial.state is TrialState.RUNNING

    def test_ours_tells_it_as_the_worst_there_is(self, tmp_path: Path) -> None:
        faults = {"nan_at": 2, "nan_silently": True, "fault_above": 0.5}
        config = study_config(tmp_path, objective=faults, **OURS)
        new_study(config, tmp_path / "study").close()
        study = run_jobs(config, tmp_path / "study", workers=2)
        told = study.state.suggester.optuna_trials
        failed = [trial for trial in told if trial.params["x"] >= 0.5]
        assert failed
        assert {trial.state for trial in failed} == {TrialState.PRUNED}
        assert all(trial.constraints == {"failed": 1.0} for trial in failed)
        assert {trial.state for trial in told} == {TrialState.PRUNED, TrialState.COMPLETE}


class TestKilled:
    """Killed between two snapshots, a study goes on."""

    def test_stock_crashes_on_what_its_storage_knows_better(self, tmp_path: Path) -> None:
        def connect() -> OptunaSearch:
            storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/optuna.db")
            return stock(storage=storage)

        searcher = connect()
        searcher.suggest("a")
        searcher.on_trial_result("a", result(20.0, 1))
        searcher.save(str(tmp_path / "searcher.pkl"))  # every 10 s at most, in a run
        searcher.on_trial_result("a", result(21.0, 2))
        searcher.on_trial_complete("a", result(22.0, 3))
        del searcher  # kill -9: to Ray the trial still runs, so it is run on

        restored = connect()
        restored.restore(str(tmp_path / "searcher.pkl"))
        with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
            restored.on_trial_result("a", result(21.0, 2))

    def test_ours_goes_on_as_if_nothing_had_been(self, tmp_path: Path) -> None:
        asha = {"type": "asha", "grace_period": 1, "mode": "promote"}
        config = study_config(tmp_path, **OURS | {"scheduler": asha})
        for name in ("whole", "killed"):
            new_study(config, tmp_path / name).close()
        whole = run_jobs(config, tmp_path / "whole")
        for epochs in (3, 9, 10, 1):
            run_jobs(config, tmp_path / "killed", epochs=epochs)
        again = run_jobs(config, tmp_path / "killed")
        assert history(tmp_path / "killed") == history(tmp_path / "whole")
        known = [
            [(t.state, t.params, t.intermediate_values, t.values) for t in one.optuna_trials]
            for one in (again.state.suggester, whole.state.suggester)
        ]
        assert known[0] == known[1], "the sampler knows everything it knew"


class TestFinished:
    """A study that is over can be given more trials."""

    def test_stock_restores_it_as_finished_and_takes_no_larger_budget(
        self, tmp_path: Path, ray_started: None
    ) -> None:
        def train(config: dict[str, Any]) -> None:
            tune.report({METRIC: config["x"]})

        runs = tune.RunConfig(storage_path=str(tmp_path), name="stock", verbose=0)
        search = tune.TuneConfig(search_alg=stock(), num_samples=2)
        tune.Tuner(train, tune_config=search, run_config=runs).fit()
        folder = str(tmp_path / "stock")
        with pytest.raises(TypeError, match="unexpected keyword argument 'tune_config'"):
            tune.Tuner.restore(folder, train, tune_config=tune.TuneConfig(num_samples=4))
        assert len(tune.Tuner.restore(folder, train).fit()) == 2

    def test_ours_is_extended(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        file = study_file(tmp_path, budget={"trials": 2}, workers=1, **OURS)
        assert run_tuner(file, "--results", tmp_path) == 0
        assert run_tuner(file, "--results", tmp_path, "--extend", 2) == 0
        assert len(history(tmp_path / "toy")[0]) == 4
        assert len(trained(tmp_path / "toy")) == 4 * 9


class TestConditionalSpace:
    """What is to be evaluated first is evaluated as it was given."""

    POINT: ClassVar[dict[str, Any]] = {"kind": "b", "y": 0.25, "max_epochs": 11}

    @staticmethod
    def space(trial: optuna.Trial) -> dict[str, Any]:
        """Define by run: the only way to a conditional space in the stock searcher."""
        kind = trial.suggest_categorical("kind", ["a", "b"])
        if kind == "b":
            trial.suggest_float("y", 0.0, 1.0)
        return {"max_epochs": 9}

    def test_stock_ignores_what_its_space_does_not_ask_for(self) -> None:
        searcher = stock(space=self.space, points_to_evaluate=[self.POINT])
        assert searcher.suggest("a") == {"kind": "b", "y": 0.25, "max_epochs": 9}

    def test_stock_ignores_points_that_are_nested_as_its_settings_are(self) -> None:
        def nested(trial: optuna.Trial) -> None:
            trial.suggest_float("optimizer/learning_rate", 0.0, 1.0)

        point = {"optimizer": {"learning_rate": 0.25}}
        searcher = stock(space=nested, points_to_evaluate=[point])
        assert searcher.suggest("a") != point

    def test_ours_runs_it_first_as_it_is(self, tmp_path: Path) -> None:
        config = study_config(
            tmp_path,
            sampler={"type": "tpe", "seed": 0},
            scheduler={"type": "none"},
            search={
                "kind": {"choice": ["a", "b"]},
                "y": {"low": 0.0, "high": 1.0, "when": {"kind": "b"}},
            },
            baselines={"AS-1": {"set": self.POINT}},
            budget={"trials": 3},
        )
        new_study(config, tmp_path / "study").close()
        study = run_jobs(config, tmp_path / "study")
        with Records.open(tmp_path / "study") as records:
            first = records.trials()[0]
            assert len(records.epochs(0)) == 11
        assert first.name == "AS-1"
        assert {key: first.config[key] for key in self.POINT} == self.POINT
        told = study.state.suggester.optuna_trials[0]
        assert told.params == {"kind": "b", "y": 0.25}
        assert told.state is TrialState.COMPLETE
