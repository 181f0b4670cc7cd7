"""Every sampler and every scheduler over somebody's own code: killed, resumed, and the same.

The function and the class train the same; the class also says what may change while its weights
are kept, as population-based training needs to know.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest

import tuner
from tests.tuner.schedulers_in_small import every_scheduler
from tests.tuner.simulated import history, new_study, run_jobs, study_config, trained
from tuner.samplers import OwnSampler, Sampler, SamplerConfig
from tuner.schedulers import BaseSchedulerConfig

SCHEDULERS = every_scheduler()
SAMPLERS: tuple[type[Sampler], ...] = get_args(get_args(SamplerConfig)[0])


def train(params: dict[str, Any], trial: tuner.Trial) -> Iterator[dict[str, float]]:
    """Momentum on a bowl; each epoch depends on all before it."""
    place, speed = trial.load() or (10.0, 0.0)
    for epoch in range(trial.epoch + 1, 10):
        with (trial.folder / "trained.txt").open("a") as file:
            file.write(f"{epoch} x\n")
        speed = params["momentum"] * speed - params["rate"] * place
        place += speed
        trial.save((place, speed))
        yield {"cruelty": place**2, "speed": speed}


class Config(tuner.Config):
    """What is searched."""

    rate: float = 0.1
    momentum: float = 0.0
    max_epochs: int = 9


class Bowl(tuner.Objective):
    """The same with more to say."""

    config_type = Config
    metrics = (tuner.Metric("cruelty", "minimize"), tuner.Metric("size", "minimize", static=True))
    keeps_weights: ClassVar[tuple[str, ...]] = ("rate", "momentum")

    def train(self, config: Config, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        return train(trial.params, trial)

    def static_metrics(self, config: Config) -> dict[str, float]:
        return {"size": 1 + config.momentum}


HERE = "tests.tuner.objectives.test_own_contract"
STEPS = {"rate": {"low": 0.05, "high": 0.95, "step": 0.05}, "momentum": {"low": 0.0, "high": 0.9}}


def sections(kind: str, scheduler: BaseSchedulerConfig, sampler: type[Sampler]) -> dict[str, Any]:
    search = dict(STEPS)
    if sampler.finite_only:
        search["momentum"] = {"choice": [0.0, 0.3, 0.6]}
    code = {"code": "tests.tuner.own_tools:Inherit"} if sampler is OwnSampler else {}
    return {
        "objective": {"type": f"{HERE}:{kind}", "momentum": 0.1},
        "search": search,
        "metric": {"name": "cruelty", "direction": "minimize"},
        "scheduler": scheduler.model_dump(mode="json"),
        "sampler": {"type": sampler.model_fields["type"].default, "seed": 1, **code},
        "baselines": {"plain": {"set": {"rate": 0.2}}},
        "budget": {"trials": 9},
    }


def works(scheduler: BaseSchedulerConfig, sampler: type[Sampler]) -> bool:
    return sampler.early_stopping or not scheduler.stops_trials


CASES = [
    pytest.param(kind, scheduler, sampler, id=f"{kind}-{name}-{sampler.__name__}")
    for name, scheduler in SCHEDULERS.items()
    for sampler in SAMPLERS
    for kind in ("train", "Bowl")
    if works(scheduler, sampler) and (kind == "Bowl" or not scheduler.changes_params)
    # every sampler, and every scheduler; not all pairs twice
    if kind == "Bowl" or name in ("none", "asha-promote") or sampler is SAMPLERS[0]
]


@pytest.mark.parametrize(("kind", "scheduler", "sampler"), CASES)
def test_killed_and_resumed_equals_never_killed(
    tmp_path: Path, kind: str, scheduler: BaseSchedulerConfig, sampler: type[Sampler]
) -> None:
    config = study_config(tmp_path, **sections(kind, scheduler, sampler))
    for name in ("whole", "cut"):
        new_study(config, tmp_path / name).close()
    run_jobs(config, tmp_path / "whole")
    for cut in (1, 13, 17):
        run_jobs(config, tmp_path / "cut", epochs=cut)
    run_jobs(config, tmp_path / "cut")
    assert history(tmp_path / "cut") == history(tmp_path / "whole")
    assert sorted(trained(tmp_path / "cut")) == sorted(trained(tmp_path / "whole"))
    study = tuner.load_study(tmp_path / "cut")
    values = [trial.value for trial in study.trials if trial.value is not None]
    assert study.best.value == min(values) == values[0]


def test_all_samplers_and_schedulers_are_there() -> None:
    cases = [case.values for case in CASES]
    for kind in ("train", "Bowl"):
        assert {case[2] for case in cases if case[0] == kind} == set(SAMPLERS)
    stopping = {name for name, one in SCHEDULERS.items() if not one.changes_params}
    names = {id(one): name for name, one in SCHEDULERS.items()}
    assert {names[id(case[1])] for case in cases if case[0] == "Bowl"} == set(SCHEDULERS)
    assert {names[id(case[1])] for case in cases if case[0] == "train"} == stopping
