"""A study of the simulation, opened to be driven call by call."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.tuner.simulated import hurry, new_study, study_config
from tuner.core.study import Study
from tuner.lifecycle.build import build_study
from tuner.objectives.protocol import Epoch
from tuner.records import Records, TrialState


def open_study(root: Path, *, workers: int = 1, **sections: Any) -> Study:
    config = study_config(root, **sections)
    if not (root / "study").is_dir():
        new_study(config, root / "study").close()
    records = Records.open(root / "study", write=True)
    hurry(records)
    return build_study(config, records, workers=workers, clock=lambda: 0.0)


def epoch(number: int, value: float = 25.0) -> Epoch:
    return Epoch(number, {"validation/psnr": value}, float(number), number + 1.0)


def states(study: Study) -> dict[str, TrialState]:
    return {trial.name: trial.state for trial in study.state.records.trials()}


def states_in(folder: Path) -> dict[str, TrialState]:
    with Records.open(folder) as records:
        return {trial.name: trial.state for trial in records.trials()}


def pbt_config(root: Path) -> Any:
    return study_config(
        root,
        search={"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
        scheduler={"type": "pbt", "interval": 2, "population": 4},
        budget={"trials": 8},
    )


def raising(error: Exception) -> Callable[..., None]:
    def function(*_: object, **__: object) -> None:
        raise error

    return function
