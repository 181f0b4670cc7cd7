import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.schedulers_in_small import every_scheduler
from tests.tuner.simulated import hurry, hurry_epochs
from tuner.config import Budget, StudyConfig
from tuner.core.job import Job
from tuner.core.study import Study
from tuner.executors.simulation import SimulatedClock, Simulation, simulate
from tuner.lifecycle.build import build_study
from tuner.lifecycle.create import create_study
from tuner.objectives.analytic import AnalyticConfig
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.records import Records, TrialState
from tuner.samplers import Random, Tpe
from tuner.schedulers import AshaConfig, BaseSchedulerConfig, NoneConfig

SCHEDULERS = every_scheduler()
every = pytest.mark.parametrize("scheduler", SCHEDULERS.values(), ids=SCHEDULERS)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry_epochs(monkeypatch)


def config(scheduler: BaseSchedulerConfig, trials: int = 10, **objective: Any) -> StudyConfig:
    return StudyConfig.model_validate(
        {
            "study": "toy",
            "objective_type": "analytic",
            "objective_config": AnalyticConfig(seconds_per_epoch=10, **objective),
            "metric": "validation/psnr",
            "search": {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
            "sampler": Random() if scheduler.changes_params else Tpe(startup_trials=4),
            "scheduler": scheduler,
            "budget": Budget(trials=trials),
        }
    )


def make(study: StudyConfig, folder: Path, *, workers: int = 1) -> tuple[Study, SimulatedClock]:
    folder.mkdir(parents=True)
    clock, records = SimulatedClock(), create_study(study, folder, [])
    hurry(records)
    return build_study(study, records, workers=workers, clock=clock), clock


def history(study: Study) -> list[tuple[Any, ...]]:
    epochs = study.state.records.epochs()
    return [
        (
            trial.name,
            trial.params,
            trial.state,
            [(e.epoch, e.metrics) for e in epochs if e.trial == trial.number],
        )
        for trial in study.state.records.trials()
    ]


def test_workers_share_the_epochs_out(tmp_path: Path) -> None:
    spent = {}
    for workers in (1, 4):
        study, clock = make(
            config(NoneConfig(), trials=8), tmp_path / str(workers), workers=workers
        )
        spent[workers] = simulate(study, clock)
    assert spent[1].epochs == spent[4].epochs == 8 * 9
    assert spent[1].seconds == 8 * 9 * 10
    assert spent[4].seconds == 2 * 9 * 10


def test_records_say_when_each_epoch_would_have_run(tmp_path: Path) -> None:
    study, clock = make(config(NoneConfig(), trials=2), tmp_path / "study")
    simulate(study, clock)
    times = [(e.started, e.ended) for e in study.state.records.epochs()]
    assert times == [(10.0 * i, 10.0 * (i + 1)) for i in range(18)]
    assert [t.ended for t in study.state.records.trials()] == [90.0, 180.0]


@every
def test_one_seed_makes_one_history(tmp_path: Path, scheduler: BaseSchedulerConfig) -> None:
    runs = []
    for name in ("one", "other"):
        study, clock = make(config(scheduler), tmp_path / name, workers=3)
        simulate(study, clock)
        runs.append(history(study))
    assert runs[0] == runs[1]


@every
@pytest.mark.parametrize("killed_after", [1, 11, 30])
def test_a_killed_study_goes_on_as_if_it_had_not_been(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    scheduler: BaseSchedulerConfig,
    killed_after: int,
) -> None:
    killed, clock = make(config(scheduler), tmp_path / "killed")
    Simulation(killed, _runs_of(killed), clock, 1).to_the_end(epochs=killed_after)
    killed.state.records.close()  # no farewell: what is on disk is all that is left
    shutil.move(tmp_path / "killed", tmp_path / "moved")
    clock = SimulatedClock()
    records = Records.open(tmp_path / "moved", write=True)
    hurry(records)
    again = build_study(config(scheduler), records, workers=1, clock=clock)
    simulate(again, clock)
    assert history(again) == whole(scheduler, tmp_path_factory)


WHOLE: dict[BaseSchedulerConfig, list[tuple[Any, ...]]] = {}


def whole(scheduler: BaseSchedulerConfig, factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """The history of the study that nobody killed, made once for each scheduler."""
    if scheduler not in WHOLE:
        study, clock = make(config(scheduler), factory.mktemp("whole") / "study")
        simulate(study, clock)
        WHOLE[scheduler] = history(study)
    return WHOLE[scheduler]


def _runs_of(study: Study) -> Any:
    def run(job: Job) -> Iterator[Epoch]:
        job.folder.mkdir(parents=True, exist_ok=True)
        config = job.config
        assert isinstance(config, AnalyticConfig)
        return study.state.objective.run(config, TrialContext(job.folder, job.recorded, 1))

    return run


def test_a_budget_of_epochs_or_seconds_ends_it(tmp_path: Path) -> None:
    study, clock = make(config(NoneConfig()), tmp_path / "epochs", workers=3)
    assert simulate(study, clock, epochs=25).epochs == 25
    states = {trial.state for trial in study.state.records.trials()}
    assert states <= {TrialState.COMPLETE, TrialState.STOPPED}
    study, clock = make(config(NoneConfig()), tmp_path / "seconds", workers=3)
    spent = simulate(study, clock, seconds=75)
    assert spent.seconds == 75
    assert spent.epochs == 3 * 7


def test_a_fault_is_retried_then_recorded(tmp_path: Path) -> None:
    study, clock = make(config(NoneConfig(), fail_at=3, fault_above=0.5), tmp_path / "study")
    simulate(study, clock)
    trials = study.state.records.trials()
    failed = [trial for trial in trials if trial.params["x"] >= 0.5]
    assert failed
    assert {t.state for t in failed} == {TrialState.FAILED}
    assert {t.retries for t in failed} == {1}
    assert "RuntimeError: epoch 3 fails" in str(failed[0].error)
    assert {t.state for t in trials if t not in failed} == {TrialState.COMPLETE}


def test_no_epoch_is_trained_twice_by_a_promotion(tmp_path: Path) -> None:
    study, clock = make(config(AshaConfig(mode="promote")), tmp_path / "study", workers=3)
    spent = simulate(study, clock)
    lines = [
        line
        for trial in study.state.records.trials()
        for line in (study.state.records.folder / "trials" / trial.name / "trained.txt")
        .read_text()
        .splitlines()
    ]
    # Each worker may have begun an epoch that it was then told not to need.
    assert spent.epochs == len(study.state.records.epochs()) == len(lines)
    assert any(event.kind == "promoted" for event in study.state.records.events())
