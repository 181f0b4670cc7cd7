"""Studies of the toy objective on a simulated clock, killed and gone on with at will."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tuner.cli import run_command
from tuner.config import StudyConfig, load_study
from tuner.confirm import confirm
from tuner.core.job import Job
from tuner.core.study import Study
from tuner.executors.allocation import Allocation
from tuner.executors.simulation import SimulatedClock, Simulation
from tuner.lifecycle.build import build_study
from tuner.lifecycle.create import create_study
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.records import Records
from tuner.run import run

SEARCH = {
    "x": {"low": 0.0, "high": 1.0},
    "y": {"low": 0.0, "high": 1.0},
    "kind": {"choice": ["a", "b"]},
}


def study_file(folder: Path, **sections: Any) -> Path:
    """The file of a study of the toy objective, with these sections set."""
    document: dict[str, Any] = {
        "study": "toy",
        "objective": {"type": "analytic", "max_epochs": 9},
        "search": SEARCH,
        "metric": "validation/psnr",
        "scheduler": {"type": "none"},
        "budget": {"trials": 14},
    }
    objective = document["objective"] | sections.pop("objective", {})
    file = folder / "toy.yaml"
    file.write_text(yaml.safe_dump(document | sections | {"objective": objective}))
    return file


def study_config(folder: Path, **sections: Any) -> StudyConfig:
    """A study of the toy objective, with these sections set."""
    return load_study(study_file(folder, **sections))


def new_study(config: StudyConfig, folder: Path) -> Records:
    """The records of a new study."""
    folder.mkdir(parents=True, exist_ok=True)
    return create_study(config, folder, [])


def hurry_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the toy's epochs take no time; what else sleeps still does, and does not spin."""
    clock = SimpleNamespace(**{**vars(time), "sleep": lambda _: None})
    monkeypatch.setattr("tuner.objectives.analytic.time", clock)


def run_jobs(
    config: StudyConfig, folder: Path, *, workers: int = 1, epochs: int | None = None
) -> Study:
    """Go on with a study until its end, or until it is as good as killed after `epochs`."""
    clock = SimulatedClock()
    with Records.open(folder, write=True) as records:
        hurry(records)
        study = build_study(config, records, workers=workers, clock=clock)
        Simulation(study, _runs(study), clock, workers).to_the_end(epochs=epochs)
        if epochs is None:
            study.close()
    return study


def hurry(records: Records) -> None:
    """Do not wait for the disk: no test cuts the power."""
    records._connection.execute("PRAGMA synchronous = OFF")


def _runs(study: Study) -> Callable[[Job], Iterator[Epoch]]:
    """Trains a job of the study's objective in this process."""

    def run(job: Job) -> Iterator[Epoch]:
        job.folder.mkdir(parents=True, exist_ok=True)
        context = TrialContext(
            job.folder, job.recorded, threads=1, goal=job.goal, direction=job.direction
        )
        return iter(study.state.objective.run(job.config, context))

    return run


@dataclass
class SimulatedEngine:
    """Stands in for `tuner.executors.ray.run.run_on_ray`, on a simulated clock that starts now.

    Interrupts the study after `epochs`, if that is set, as Ctrl-C would.
    """

    epochs: int | None = None
    runs: int = 0

    def __call__(
        self,
        study: Study,
        share: Allocation,
        *,
        seconds: float | None,
        started: Callable[[], None],
        **_: Any,
    ) -> str:
        """Run a study to its end, or for so many seconds."""
        self.runs += 1
        started()
        hurry(study.state.records)
        clock = SimulatedClock(time.time())
        study.state.clock = clock
        until = None if seconds is None else clock.now + seconds
        Simulation(study, _runs(study), clock, study.workers).to_the_end(
            epochs=self.epochs, seconds=until
        )
        if study.finished is None:
            study.stop("interrupted" if self.epochs else "budget")
        return study.close()


def run_tuner(*arguments: object) -> int:
    """`python -m tuner.run` in this process; returns its exit code."""
    return _command(run, arguments)


def confirm_tuner(*arguments: object) -> int:
    """`python -m tuner.confirm` in this process; returns its exit code."""
    return _command(confirm, arguments)


def _command(command: Callable[..., Any], arguments: Sequence[object]) -> int:
    try:
        run_command(command, [str(argument) for argument in arguments])
    except SystemExit as end:
        return int(end.code or 0)


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
