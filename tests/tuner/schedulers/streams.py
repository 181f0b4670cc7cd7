"""Random streams of reports, as a study with several workers makes them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tuner.records import TrialState
from tuner.schedulers import Decision, Resume, Scheduler

Call = tuple[str, tuple[Any, ...]]


@dataclass
class Stream:
    """Plays trials with random curves on random workers, and notes every call and answer."""

    scheduler: Scheduler
    seed: int
    trials: int = 20
    workers: int = 3
    max_epochs: int = 9
    levels: int = 8  # few levels make ties
    failures: float = 0.02
    patience: float = 0.02
    calls: list[tuple[Call, Any]] = field(default_factory=list)
    values: dict[tuple[int, int], float] = field(default_factory=dict)
    epochs: dict[int, int] = field(default_factory=dict)
    states: dict[int, TrialState] = field(default_factory=dict)
    resumes: list[Resume] = field(default_factory=list)
    on_report: Callable[["Stream", int, int, float, Decision], None] = lambda *_: None

    def call(self, method: str, *arguments: Any) -> Any:
        answer = play(self.scheduler, (method, arguments))
        self.calls.append(((method, arguments), answer))
        return answer

    def run(self) -> "Stream":
        random = Random(self.seed)
        quality = [random.randrange(self.levels) / self.levels for _ in range(self.trials)]
        while self._fill(random):
            trial = random.choice(self._running())
            self._epoch(trial, quality[trial], random)
        return self

    def _running(self) -> list[int]:
        return [t for t, state in self.states.items() if state is TrialState.RUNNING]

    def _fill(self, random: Random) -> bool:
        while len(self._running()) < self.workers:
            new = len(self.states)
            resume = self.call("next_resume", new >= self.trials)
            if resume is not None:
                self.resumes.append(resume)
                self._start(resume.trial, resume.params or {"x": 0.5})
            elif new < self.trials:
                self.epochs[new] = 0
                self._start(new, {"x": random.random()})
            else:
                break
        return bool(self._running())

    def _start(self, trial: int, params: dict[str, Any]) -> None:
        self.states[trial] = TrialState.RUNNING
        self.call("started", trial, params)

    def _epoch(self, trial: int, quality: float, random: Random) -> None:
        if random.random() < self.failures:
            self._end(trial, TrialState.FAILED)
            return
        epoch = self.epochs[trial] = self.epochs[trial] + 1
        value = quality + random.randrange(3) * epoch / 8
        self.values[trial, epoch] = value
        decision = self.call("report", trial, epoch, value)
        self.on_report(self, trial, epoch, value, decision)
        if decision is Decision.STOP:
            self._end(trial, TrialState.STOPPED)
        elif epoch == self.max_epochs or random.random() < self.patience:
            self._end(trial, TrialState.COMPLETE)

    def _end(self, trial: int, state: TrialState) -> None:
        self.states[trial] = state
        self.call("ended", trial, state)


def play(scheduler: Scheduler, call: Call) -> Any:
    method, arguments = call
    if method == "next_resume":
        return scheduler.next_resume(drain=arguments[0])
    return getattr(scheduler, method)(*arguments)
