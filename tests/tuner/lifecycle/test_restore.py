"""A study that is killed anywhere goes on as if it had not been."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.tuner.schedulers_in_small import every_scheduler
from tests.tuner.simulated import history, new_study, run_jobs, study_config, trained
from tuner.records import Records, TrialState

SCHEDULERS = every_scheduler()
BASELINES = {"AS-1": {"set": {"x": 0.5, "max_epochs": 11}}}


def sections(scheduler: str) -> dict[str, Any]:
    """What changes running trials may change only what keeps the weights."""
    config = SCHEDULERS[scheduler]
    search = {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}}
    return {"scheduler": config.model_dump(mode="json"), "baselines": BASELINES} | (
        {"search": search} if config.changes_params else {}
    )


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=3))
@example(cuts=[1, 29, 40])  # pbt: a trial that took over goes on, and donates later
def test_killed_and_resumed_equals_never_killed(
    tmp_path_factory: pytest.TempPathFactory, scheduler: str, cuts: list[int]
) -> None:
    root = tmp_path_factory.mktemp("restore")
    config = study_config(root, **sections(scheduler))
    for name in ("whole", "cut"):
        new_study(config, root / name).close()
    run_jobs(config, root / "whole")
    for cut in cuts:
        run_jobs(config, root / "cut", epochs=cut)
    run_jobs(config, root / "cut")
    assert history(root / "cut") == history(root / "whole")
    assert sorted(trained(root / "cut")) == sorted(trained(root / "whole"))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_trial_ends_and_no_epoch_is_trained_twice(tmp_path: Path, scheduler: str) -> None:
    config = study_config(tmp_path, **sections(scheduler))
    new_study(config, tmp_path / "study").close()
    run_jobs(config, tmp_path / "study", workers=3)
    trials, epochs = history(tmp_path / "study")
    assert len(trials) == 15
    assert {trial[2] for trial in trials} <= {TrialState.COMPLETE, TrialState.STOPPED}
    assert len(trained(tmp_path / "study")) == len(set(trained(tmp_path / "study"))) == len(epochs)
    assert trials[0][3] == "max_epochs", "a baseline runs to its own end"


def test_pbt_keeps_its_lineage(tmp_path: Path) -> None:
    config = study_config(tmp_path, **sections("pbt"))
    new_study(config, tmp_path / "study").close()
    run_jobs(config, tmp_path / "study", workers=4)
    with Records.open(tmp_path / "study") as records:
        exploits = [event for event in records.events() if event.kind == "exploited"]
        names = {trial.name for trial in records.trials()}
    assert exploits
    assert all(event.data["donor"] in names for event in exploits)
    assert any(event.data["before"] != event.data["params"] for event in exploits)
