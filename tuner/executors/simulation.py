"""Running a study on a simulated clock: the same study, without Ray and without waiting.

The epochs come from the objective itself, so this is for objectives that yield them at once (the
surrogate). How long each epoch would have taken is its metric `seconds`.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Protocol

from tuner.core.job import Job, Outcome
from tuner.core.study import Study
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.schedulers import Decision

SECONDS = "seconds"
"""The metric that says how long an epoch takes."""


class Driver(Protocol):
    """Hands out jobs and judges their epochs: a `Study`, or a rival in a benchmark."""

    @property
    def finished(self) -> str | None:
        """Why it is over; None while there is something to do."""

    def next_job(self) -> Job | None:
        """Return a job for a free worker; None if there is none now."""

    def report(self, trial: int, epoch: Epoch, worker: str) -> Decision:
        """Return whether a trial continues after an epoch; if it stops, it has left its worker."""

    def ended(self, trial: int, outcome: Outcome) -> None:
        """Note that a job has come to its own end or failed."""


@dataclass
class SimulatedClock:
    """Seconds since the simulation began; give it to the study as its clock."""

    now: float = 0.0

    def __call__(self) -> float:
        """Return the simulated time."""
        return self.now


@dataclass(frozen=True)
class Spent:
    """What a simulation has used: epochs trained, and seconds on its clock."""

    epochs: int
    seconds: float


@dataclass(order=True)
class _Arrival:
    """An epoch that will be ready at `time`; ties come in the order in which they were begun."""

    time: float
    order: int
    epoch: Epoch = field(compare=False)
    run: "_Run" = field(compare=False)


@dataclass(frozen=True)
class _Run:
    """A job on a worker."""

    job: Job
    worker: int
    epochs: Iterator[Epoch]


@dataclass
class Simulation:
    """Simulated workers and the epochs in progress.

    Args:
        driver: what to run.
        run: trains a job; yields the epochs that are not recorded yet.
        clock: the driver's clock.
        workers: trials at the same time.
    """

    driver: Driver
    run: Callable[[Job], Iterator[Epoch]]
    clock: SimulatedClock
    workers: int

    def __post_init__(self) -> None:
        self._arrivals: list[_Arrival] = []
        self._free = deque(range(self.workers))
        self._begun = 0
        self._epochs = 0

    def to_the_end(self, *, epochs: int | None = None, seconds: float | None = None) -> Spent:
        """Run until the driver is finished, or has used up `epochs` or `seconds`."""
        while self._fill():
            if seconds is not None and self._arrivals[0].time > seconds:
                self.clock.now = seconds
                break
            self._arrive(heappop(self._arrivals))
            if self._epochs == epochs:
                break
        return Spent(self._epochs, self.clock.now)

    def _fill(self) -> bool:
        """Give jobs to free workers; return whether any epoch is in progress."""
        while self.driver.finished is None:
            job = self.driver.next_job() if self._free else None
            if job is not None:
                self._advance(_Run(job, self._free.popleft(), self.run(job)))
            elif self._arrivals:
                return True
        return False

    def _arrive(self, arrival: _Arrival) -> None:
        run = arrival.run
        self.clock.now = arrival.time
        started = arrival.time - arrival.epoch.metrics.get(SECONDS, 0.0)
        epoch = replace(arrival.epoch, started=started, ended=arrival.time)
        self._epochs += 1
        worker = f"simulated-{run.worker}"
        if self.driver.report(run.job.trial, epoch, worker) is Decision.STOP:
            self._free.append(run.worker)
        else:
            self._advance(run)

    def _advance(self, run: _Run) -> None:
        """Begin a trial's next epoch, or end the trial."""
        try:
            epoch = next(run.epochs, None)
        except Exception as error:  # noqa: BLE001 - every error is the trial's, and is recorded
            self._leave(run, Outcome.of(error))
            return
        if epoch is None:
            self._leave(run, Outcome())
            return
        self._begun += 1
        time = self.clock.now + epoch.metrics.get(SECONDS, 0.0)
        heappush(self._arrivals, _Arrival(time, self._begun, epoch, run))

    def _leave(self, run: _Run, outcome: Outcome) -> None:
        self._free.append(run.worker)
        self.driver.ended(run.job.trial, outcome)


def simulate(
    study: Study,
    clock: SimulatedClock,
    *,
    epochs: int | None = None,
    seconds: float | None = None,
) -> Spent:
    """Run a study to its end, or until its budget of `epochs` or simulated `seconds` is spent."""
    objective = study.state.objective

    def run(job: Job) -> Iterator[Epoch]:
        job.folder.mkdir(parents=True, exist_ok=True)
        context = TrialContext(
            job.folder, job.recorded, threads=1, goal=job.goal, direction=job.direction
        )
        return iter(objective.run(job.config, context))

    simulation = Simulation(study, run, clock, study.workers)
    spent = simulation.to_the_end(epochs=epochs, seconds=seconds)
    if study.finished is None:
        study.stop("budget")
    study.close()
    return spent
