"""Runs a study on Ray: starts it, hands out its jobs, and ends it cleanly."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tuner.core.study import Study
from tuner.executors.allocation import Allocation
from tuner.executors.ray.cluster import connected, require_alive
from tuner.executors.ray.scratch import scratch_folder
from tuner.executors.signals import interruptible
from tuner.objectives.shipping import Shipment, ship
from tuner.records import RecordsError
from tuner.records.status import INTERRUPTED


def run_on_ray(
    study: Study,
    share: Allocation,
    *,
    address: str | None = None,
    seconds: float | None = None,
    started: Callable[[], None] = lambda: None,
    tick: Callable[[], None] = lambda: None,
) -> str:
    """Run a study to its end; returns why it ended (`INTERRUPTED` after Ctrl-C).

    Args:
        study: the study, restored or new.
        share: how many trials at once, and what each gets.
        address: of a Ray cluster; unset, Ray is started on this machine, only for this run.
        seconds: that are left of the study's time budget, to which Ray's start does not count.
        started: called when Ray has been started.
        tick: called several times a second from the run's loop.
    """
    with (
        interruptible(study),
        _closing(study),
        scratch_folder(study.state.records.folder, cluster=address is not None) as scratch,
        connected(share, address, scratch),
    ):
        objective = ship(study.state.objective, scratch, cluster=address is not None)
        started()
        # Not the clock on the wall, which may be set.
        deadline = math.inf if seconds is None else time.monotonic() + seconds

        def check() -> None:
            require_alive()
            tick()
            if time.monotonic() >= deadline:
                study.stop("budget")

        _fit(study, objective, share, scratch, check)
        return study.close()


@contextmanager
def _closing(study: Study) -> Iterator[None]:
    """Leave no trial as running in study.db where an error ends the run."""
    try:
        yield
    except BaseException:
        study.stop(INTERRUPTED)
        with suppress(RecordsError):  # a full disk: they stay so, and are gone on with all the same
            study.close()
        raise


def _fit(
    study: Study,
    objective: Shipment,
    share: Allocation,
    scratch: Path,
    tick: Callable[[], None],
) -> None:
    from ray import tune

    from tuner.executors.ray.adapters import JobScheduler, JobSearcher, StudyStopped, StudyStopper
    from tuner.executors.ray.trainable import JobTrainable

    tuner = tune.Tuner(
        tune.with_resources(JobTrainable, _resources(share)),
        tune_config=tune.TuneConfig(
            search_alg=JobSearcher(study, objective, threads=share.threads),
            scheduler=JobScheduler(study),
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: str(trial.trial_id),
        ),
        run_config=tune.RunConfig(
            name=study.state.config.study,
            storage_path=str(scratch),
            stop=StudyStopper(study, tick),
            verbose=0,
            failure_config=tune.FailureConfig(max_failures=0),
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        ),
    )
    try:
        tuner.fit()
    except StudyStopped as stopped:
        if stopped.__cause__ is not None:
            raise stopped.__cause__ from None


def _resources(share: Allocation) -> dict[str, float]:
    """What Ray counts for a trial; on one machine, cores are shared out by us, not by Ray."""
    return {"cpu": share.threads, "gpu": share.gpus} if share.gpus else {"cpu": share.threads}
