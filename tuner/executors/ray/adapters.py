"""Adapters between Ray Tune and `Study`, which answers what Ray asks.

Each Ray trial is a job of the study: a new trial, or the rest of a trial that was interrupted,
retried or promoted. So Ray only ever starts jobs and stops them; it never pauses, restores or saves
anything, and its files are not needed once the study has ended.
"""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ray import cloudpickle
from ray.tune import Stopper
from ray.tune.schedulers import TrialScheduler
from ray.tune.search import Searcher

from tuner.core.job import WORKER_DIED, Outcome, shared_info
from tuner.core.study import Study
from tuner.executors.gpu_share import GPU_SHARE
from tuner.executors.ray.assignment import Assignment
from tuner.executors.ray.clocks import by_our_clock
from tuner.executors.ray.crew import Crew
from tuner.executors.ray.private import end_worker
from tuner.executors.ray.task import Site, Task
from tuner.executors.ray.trainable import BrokenWorkerError
from tuner.executors.signals import Interruption
from tuner.schedulers import Decision

if TYPE_CHECKING:
    from ray.tune.experiment import Trial


P = ParamSpec("P")
R = TypeVar("R")


class StudyStopped(BaseException):
    """Raised through Ray's loop to leave it at once, between two events.

    Ray's own way to stop waits up to 15 s for epochs that are no longer needed. An error of the
    study itself (a full disk) becomes the cause of this exception, because Ray would wrap it.
    """


class _OnDriver:
    """Is pickled as nothing: Ray pickles the parts of a run to restore it, which is not used."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


def _leaving(answer: Callable[P, R]) -> Callable[P, R]:
    """Let an error of the study leave Ray's loop unchanged."""

    @wraps(answer)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return answer(*args, **kwargs)
        except Exception as error:
            raise StudyStopped from error

    return guarded


class JobSearcher(_OnDriver, Searcher):
    """Gives Ray the next job while a worker is free, and is told how jobs ended."""

    def __init__(self, task: Task, crew: Crew, site: Site) -> None:
        super().__init__(metric=None, mode=None)
        self._study = task.study
        self._task = task
        self._crew = crew
        self._site = site
        self._shared = shared_info(task.study.state.records.info)
        self._jobs: dict[str, int] = {}

    def set_search_properties(
        self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any
    ) -> bool:
        """Do nothing: the study knows what it searches for."""
        return True

    @_leaving
    def suggest(self, trial_id: str) -> Any:
        """Return the next job as a Ray trial's config; None to be asked again later."""
        job = self._study.next_job()
        if job is None:
            return Searcher.FINISHED if self._study.finished else None
        self._jobs[trial_id] = job.trial
        self._crew.handed_out(job.trial)
        return Assignment.of(
            job,
            self._task.objective,
            replace(self._task.share, gpus=self._crew.sharing.gpus),
            shared=dict(self._shared),
            avoided=self._crew.avoided(job.trial),
            nonce=self._site.nonce,
            server=self._site.server,
            fence=self._site.fence(job.trial),
            here=self._site.here,
            without_gpus=self._study.state.config.gpus_per_trial == 0,
        ).to_config()

    @_leaving
    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Note that a job has ended, by itself or with an error that it reported."""
        trial = self._jobs.pop(trial_id, None)
        stopping = self._study.stopping and not self._task.interruption.patient
        if trial is None or stopping or error or result is None:
            return
        if (files := result.get("files")) is not None:
            files.unpack_once(self._study.state.trials.folder(trial))
        if (epoch := result.get("epoch")) is not None and epoch.last:
            self._crew.trained(trial)
            self._study.report(trial, epoch, result["worker"], end=True)
        elif self._study.stopping:
            return
        # Without an outcome it was stopped by the study, which knows of it.
        outcome = result.get("outcome", Outcome())
        _end(self._study, self._crew, trial, outcome)

    def save(self, checkpoint_path: str) -> None:
        """Do nothing: study.db holds everything."""

    def restore(self, checkpoint_path: str) -> None:
        """Do nothing: `tuner.lifecycle.restore` builds the study from study.db."""


class JobScheduler(_OnDriver, TrialScheduler):
    """Passes each epoch to the study, and the study's decision to Ray."""

    def __init__(self, study: Study, crew: Crew, interruption: Interruption) -> None:
        super().__init__()
        self._study = study
        self._crew = crew
        self._interruption = interruption
        self._jobs: list[Trial] = []

    def waits_for_epochs(self) -> bool:
        """Return whether an interrupted study still has time for epochs in progress."""
        return self._interruption.patient and any(job.status == job.RUNNING for job in self._jobs)

    def set_search_properties(self, metric: str | None, mode: str | None, **spec: Any) -> bool:
        """Do nothing: the study knows what it searches for."""
        return True

    def give_up(self, trials: Collection[int]) -> None:
        """End the workers of trials whose machine is lost; Ray then reports that they have died."""
        for job in self._jobs:
            if not job.is_finished() and Assignment.trial_in(job.config) in trials:
                end_worker(job)

    def on_trial_add(self, tune_controller: Any, trial: "Trial") -> None:
        """Note that a job is handed out, and free what Ray keeps of jobs that have ended."""
        for job in self._jobs:
            if job.is_finished():
                _free_averages(job)
        self._jobs = [job for job in self._jobs if not job.is_finished()] + [trial]

    @_leaving
    def on_trial_result(self, tune_controller: Any, trial: "Trial", result: dict[str, Any]) -> str:
        """Record the epoch; stop the job if the study says so."""
        if self._study.stopping and not self._interruption.patient:
            return TrialScheduler.STOP
        number = Assignment.trial_in(trial.config)
        if "began" in result:
            self._crew.began(number, result["began"])
            self._leave_node(trial)
            return TrialScheduler.CONTINUE
        if (files := result.get("files")) is not None:
            files.unpack_once(self._study.state.trials.folder(number))
        self._crew.trained(number)
        epoch = by_our_clock(result["epoch"], result["sent"], time.time())
        decision = self._study.report(number, epoch, result["worker"])
        if decision is Decision.STOP or self._study.stopping is not None:
            return TrialScheduler.STOP
        self._leave_node(trial)
        return TrialScheduler.CONTINUE

    def _leave_node(self, trial: "Trial") -> None:
        """End a worker between two epochs if its machine leaves; Ray reports that it has died."""
        if self._crew.leaves(Assignment.trial_in(trial.config)):
            end_worker(trial)

    def on_trial_complete(
        self, tune_controller: Any, trial: "Trial", result: dict[str, Any]
    ) -> None:
        """Do nothing: the searcher is told."""

    def on_trial_remove(self, tune_controller: Any, trial: "Trial") -> None:
        """Do nothing."""

    @_leaving
    def on_trial_error(self, tune_controller: Any, trial: "Trial") -> None:
        """Note that the worker of a job is gone."""
        if self._study.stopping is None:
            number = Assignment.trial_in(trial.config)
            _end(self._study, self._crew, number, _last_words(trial))

    def choose_trial_to_run(self, tune_controller: Any) -> "Trial | None":
        """Return None: Ray starts what waits, and the study hands out no more than can run."""
        return None

    def debug_string(self) -> str:
        """Return a text for Ray's own display, which is off."""
        return "scheduled by the study"


def _end(study: Study, crew: Crew, trial: int, outcome: Outcome) -> None:
    """End a job, for whatever reason; if a GPU was too full, fewer trials share it from now on."""
    study.ended(trial, crew.judged(trial, outcome))
    for line in crew.sharing.tell():
        study.workers = min(study.workers, crew.sharing.workers)
        study.state.records.set_info(GPU_SHARE, crew.sharing.gpus)
        study.state.warn(line)


def _free_averages(job: "Trial") -> None:
    """Free the averages over a job's results, which Ray keeps until the study ends."""
    job.metric_analysis.clear()
    job.metric_n_steps.clear()


def _last_words(trial: "Trial") -> Outcome:
    """The last message of a worker that is gone, or Ray's description of its death."""
    error: Any = None
    # Ray's own note of it; the worker is gone even without a note.
    with suppress(Exception), open(trial.pickled_error_file, "rb") as file:
        error = cloudpickle.load(file)
    cause = getattr(error, "cause", None)
    if isinstance(cause, BrokenWorkerError):
        return cause.outcome
    died = "the worker process died (killed, out of memory, or crashed)"
    return Outcome(error=died, kind=WORKER_DIED, traceback=str(error))


class StudyStopper(_OnDriver, Stopper):
    """Ends Ray's run when the study has to end early."""

    def __init__(
        self, study: Study, tick: Callable[[], None], waits: Callable[[], bool] = lambda: False
    ) -> None:
        self._study = study
        self._tick = tick
        self._waits = waits

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Return False: single jobs are stopped by the scheduler."""
        return False

    @_leaving
    def stop_all(self) -> bool:
        """Check whether to stop; Ray calls this several times a second, between two events."""
        self._tick()
        if self._study.stopping is not None and not self._waits():
            raise StudyStopped
        return False
