"""What is used of Optuna beyond its public interface is still there, and does what it did."""

import inspect

import optuna
import pytest
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState

from tuner.core.optuna_storage import CONSTRAINT, ReopenableStorage, id_of

MOVED = "Optuna has moved {}: mend tuner/core/optuna_storage.py, or keep optuna below this version"


@pytest.fixture
def study() -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(storage=ReopenableStorage())


@pytest.mark.parametrize("name", ["_lock", "_get_trial", "_set_trial"])
def test_the_storage_has_its_private_parts(name: str) -> None:
    assert hasattr(InMemoryStorage(), name), MOVED.format(f"InMemoryStorage.{name}")


def test_a_trial_can_be_added_as_it_is() -> None:
    parameters = inspect.signature(InMemoryStorage.create_new_trial).parameters
    assert "template_trial" in parameters, MOVED.format("create_new_trial(template_trial=)")


def test_a_trial_and_a_study_tell_their_ids(study: optuna.Study) -> None:
    trial = study.ask()
    assert study._storage.get_trial(id_of(trial)).number == trial.number, MOVED.format("_trial_id")
    assert isinstance(study._study_id, int), MOVED.format("Study._study_id")


def test_a_constraint_is_kept_under_the_name_that_optuna_reads(study: optuna.Study) -> None:
    trial = study.ask()
    trial.set_constraint("parameters", 7.0)
    attributes = study._storage.get_trial(id_of(trial)).system_attrs
    assert attributes == {f"{CONSTRAINT}parameters": 7.0}, MOVED.format("_CONSTRAINTS_KEY")


def test_an_ended_trial_changes(study: optuna.Study) -> None:
    storage = study._storage
    assert isinstance(storage, ReopenableStorage)
    trial = study.ask({"x": optuna.distributions.FloatDistribution(0.0, 1.0)})
    study.tell(trial, 1.0)
    storage.replace_values(id_of(trial), [2.0])
    assert study.trials[0].values == [2.0]
    storage.reopen(id_of(trial))
    assert study.trials[0].state is TrialState.RUNNING
    storage.replace_params(
        id_of(trial), {"x": 0.5}, {"x": optuna.distributions.FloatDistribution(0.0, 1.0)}
    )
    assert study.trials[0].params == {"x": 0.5}
