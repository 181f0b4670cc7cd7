"""Studies of the toy objective on a simulated clock, killed and gone on with at will."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tuner.assembly import assemble
from tuner.config import StudyConfig, load_study
from tuner.objectives import get_objective
from tuner.objectives.protocol import Epoch, Setting
from tuner.opening import create_study
from tuner.records import Records
from tuner.simulation import SimulatedClock, Simulation
from tuner.study import Job, Study

SEARCH = {
    "x": {"low": 0.0, "high": 1.0},
    "y": {"low": 0.0, "high": 1.0},
    "kind": {"choice": ["a", "b"]},
}


def study_config(folder: Path, **sections: Any) -> StudyConfig:
    """A study of the toy objective, with these sections set."""
    document: dict[str, Any] = {
        "study": "toy",
        "objective": {"type": "analytic", "max_epochs": 9},
        "search": SEARCH,
        "metric": "validation/psnr",
        "budget": {"trials": 14},
    }
    objective = document["objective"] | sections.pop("objective", {})
    file = folder / "toy.yaml"
    file.write_text(yaml.safe_dump(document | sections | {"objective": objective}))
    return load_study(file)


def new_study(config: StudyConfig, folder: Path) -> Records:
    """The records of a new study."""
    folder.mkdir(parents=True, exist_ok=True)
    return create_study(config, folder, [])


def run_jobs(
    config: StudyConfig, folder: Path, *, workers: int = 1, epochs: int | None = None
) -> Study:
    """Go on with a study until its end, or until it is as good as killed after `epochs`."""
    clock = SimulatedClock()
    with Records.open(folder, write=True) as records:
        hurry(records)
        study = assemble(config, records, workers=workers, clock=clock)
        Simulation(study, _run, clock, workers).to_the_end(epochs=epochs)
        if epochs is None:
            study.close()
    return study


def hurry(records: Records) -> None:
    """Do not wait for the disk: no test cuts the power."""
    records._connection.execute("PRAGMA synchronous = OFF")


def _run(job: Job) -> Iterator[Epoch]:
    objective = get_objective("analytic")
    job.folder.mkdir(parents=True, exist_ok=True)
    config = objective.config_type.model_validate(job.config)
    return iter(objective.run(config, Setting(job.folder, job.recorded, threads=1)))


def history(folder: Path) -> tuple[list[Any], dict[tuple[int, int], dict[str, float]]]:
    """What was tried and what came of it, without times."""
    with Records.open(folder) as records:
        trials = [
            (trial.name, trial.kind, trial.state, trial.reason, trial.params)
            for trial in records.trials()
        ]
        epochs = {
            (row.trial, row.epoch): {k: v for k, v in row.metrics.items() if k != "seconds"}
            for row in records.epochs()
        }
    return trials, epochs


def trained(folder: Path) -> list[str]:
    """The epochs that were computed, repeats included, as `trial epoch`."""
    return [
        f"{file.parent.name} {line.split()[0]}"
        for file in sorted(folder.glob("trials/*/trained.txt"))
        for line in file.read_text().splitlines()
    ]
