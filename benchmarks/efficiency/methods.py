"""The searches that are compared, each on simulated workers with a given number of epochs."""

import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random as PythonRandom
from statistics import median
from typing import Any
from zlib import crc32

from efficiency.rivals import RayWithOptuna, SyneTune

from tuner.config.parse import study_of
from tuner.core.job import Job, Outcome
from tuner.executors.simulation import Driver, SimulatedClock, Simulation
from tuner.lifecycle.build import build_study
from tuner.lifecycle.create import create_study
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.objectives.surrogate import MAX_EPOCHS, OBJECTIVE, SurrogateConfig, curve
from tuner.schedulers import Decision
from tuner.space import Range

METRIC = "val_accuracy"
SEARCH = {
    "batch_size": Range(low=16, high=512, log=True),
    "learning_rate": Range(low=1e-4, high=0.1, log=True),
    "momentum": Range(low=0.1, high=0.99),
    "weight_decay": Range(low=1e-5, high=0.1),
    "num_layers": Range(low=1, high=5),
    "max_units": Range(low=64, high=1024, log=True),
    "max_dropout": Range(low=0.0, high=1.0),
}
WORKERS = 4
OURS = "ours"


@dataclass(frozen=True)
class Run:
    """One search: `trace` holds (epochs spent, best so far) at each improvement."""

    method: str
    task: str
    seed: int
    trials: int
    seconds: float
    trace: list[tuple[int, float]]

    def best(self, epochs: int) -> float:
        """The best score after so many epochs."""
        return max(value for spent, value in self.trace if spent <= epochs)


@dataclass
class Watched:
    """Passes a driver's calls on and notes the best score as the epochs go by."""

    driver: Driver
    epochs: int = 0
    trials: int = 0
    trace: list[tuple[int, float]] = field(default_factory=list)

    @property
    def finished(self) -> str | None:
        return self.driver.finished

    def next_job(self) -> Job | None:
        job = self.driver.next_job()
        self.trials += job is not None and job.recorded == 0
        return job

    def report(self, trial: int, epoch: Epoch, worker: str) -> Decision:
        self.epochs += 1
        value = epoch.metrics[METRIC]
        if not self.trace or value > self.trace[-1][1]:
            self.trace.append((self.epochs, value))
        return self.driver.report(trial, epoch, worker)

    def ended(self, trial: int, outcome: Outcome) -> None:
        self.driver.ended(trial, outcome)


def study(**sections: Any) -> Callable[..., Watched]:
    """A study of ours, with a study file's defaults for all sections that are not given."""

    def search(task: str, data: str, epochs: int, seed: int) -> Watched:
        config = study_of(
            {
                "study": "benchmark",
                "objective": {"type": OBJECTIVE.name, "task": task, "folder": data},
                "metric": METRIC,
                "search": {path: one.model_dump() for path, one in SEARCH.items()},
                "budget": {"trials": 10**6},
                **sections,
            }
        )
        seeded = config.sampler.model_copy(update={"seed": seed})
        config = config.model_copy(update={"sampler": seeded})
        memory = Path("/dev/shm")
        folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        clock = SimulatedClock()
        records = create_study(config, folder, [])
        ours = build_study(config, records, workers=WORKERS, clock=clock)
        watched = simulated(ours, clock, epochs)
        records.close()
        shutil.rmtree(folder)
        return watched

    return search


def rival(make: Callable[..., Driver], **more: Any) -> Callable[..., Watched]:
    """Another tool's search."""

    def search(task: str, data: str, epochs: int, seed: int) -> Watched:
        base = {"task": task, "folder": data}
        driver = make(SEARCH, METRIC, base, max_t=MAX_EPOCHS, seed=seed, **more)
        return simulated(driver, SimulatedClock(), epochs)

    return search


def simulated(driver: Driver, clock: SimulatedClock, epochs: int) -> Watched:
    def run(job: Job) -> Iterator[Epoch]:
        config = job.config
        assert isinstance(config, SurrogateConfig)
        return OBJECTIVE.run(config, TrialContext(job.folder, job.recorded, threads=1))

    watched = Watched(driver)
    Simulation(watched, run, clock, WORKERS).to_the_end(epochs=epochs)
    return watched


ABLATIONS: dict[str, Callable[..., Watched]] = {
    "ours, random proposals": study(sampler={"type": "random"}),
    "ours, every trial in full": study(scheduler={"type": "none"}),
}
METHODS: dict[str, Callable[..., Watched]] = {
    OURS: study(),
    **ABLATIONS,
    "random search": study(sampler={"type": "random"}, scheduler={"type": "none"}),
    # As many epochs go into one-epoch trials as into the full training of the best of each 51.
    "all but the best after 1 epoch": study(
        sampler={"type": "random"},
        scheduler={"type": "asha", "grace_period": 1, "reduction_factor": MAX_EPOCHS},
    ),
    "Ray Tune: OptunaSearch + ASHA": rival(RayWithOptuna),
    "Syne Tune: ASHA": rival(SyneTune, kind="ASHA"),
    "Syne Tune: BOHB": rival(SyneTune, kind="BOHB"),
}


def run_one(job: tuple[str, str, int, str, int]) -> Run:
    """One search of one method on one task."""
    method, task, seed, data, epochs = job
    # Not the bare seed: a lucky start would then be lucky on all tasks at once.
    own_seed = crc32(f"{task}:{seed}".encode()) % 2**31
    started = time.perf_counter()
    watched = METHODS[method](task, data, epochs, own_seed)
    seconds = time.perf_counter() - started
    return Run(method, task, seed, watched.trials, seconds, watched.trace)


def scale(task: str, data: str) -> tuple[float, float]:
    """The median and the best score of 400 random settings, trained in full."""
    random = PythonRandom(task)
    scores = []
    for _ in range(400):
        params = {path: _draw(dimension, random) for path, dimension in SEARCH.items()}
        config = SurrogateConfig.model_validate({"task": task, "folder": data, **params})
        scores.append(max(row[METRIC] for row in curve(config)))
    return median(scores), max(scores)


def _draw(dimension: Range, random: PythonRandom) -> float:
    low, high = dimension.low, dimension.high
    if dimension.log:
        value = math.exp(random.uniform(math.log(low), math.log(high)))
    else:
        value = random.uniform(low, high)
    return dimension.as_listed(value)
