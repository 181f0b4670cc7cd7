"""Runs a study on Ray: starts it, hands out its jobs, and ends it cleanly."""

import logging
import math
import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tuner.disk import explained
from tuner.records import RecordsError
from tuner.resources import Share
from tuner.study import Study

_SCRATCH = "sr-tuner-"
_LONGEST_ROOT = 30
"""Characters of the folder for temporary files: paths of sockets end at 107."""

# Read by Ray when it is imported, or when a run starts.
_RAY_SETTINGS = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0 the new output still prints a box of settings
    "RAY_DEDUP_LOGS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "100000000",
    "TUNE_MAX_PENDING_TRIALS_PG": "1000",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_WARN_THRESHOLD_S": "10",
    "TUNE_WARN_INSUFFICENT_RESOURCE_THRESHOLD_S": "600",
}


def run_on_ray(
    study: Study,
    share: Share,
    *,
    address: str | None = None,
    seconds: float | None = None,
    on_ready: Callable[[], None] = lambda: None,
    tick: Callable[[], None] = lambda: None,
) -> str:
    """Run a study to its end; returns why it ended ("interrupted" after Ctrl-C).

    Args:
        study: the study, restored or new.
        share: how many trials at once, and what each gets.
        address: of a Ray cluster; unset, Ray is started on this machine, only for this run.
        seconds: that are left of the study's time budget.
        on_ready: called once Ray is up.
        tick: called several times a second from the run's loop.
    """
    # Not the clock on the wall, which may be set.
    deadline = math.inf if seconds is None else time.monotonic() + seconds

    def check() -> None:
        tick()
        if time.monotonic() >= deadline:
            study.stop("budget")

    with (
        _interruptible(study),
        _closing(study),
        _scratch(study, address) as scratch,
        _ray(share, address, scratch),
    ):
        on_ready()
        _fit(study, share, scratch, check)
        return study.close()


@contextmanager
def _closing(study: Study) -> Iterator[None]:
    """Leave no trial as running in study.db where an error ends the run."""
    try:
        yield
    except BaseException:
        study.stop("interrupted")
        with suppress(RecordsError):  # a full disk: they stay so, and are gone on with all the same
            study.close()
        raise


def _fit(study: Study, share: Share, scratch: Path, tick: Callable[[], None]) -> None:
    from ray import tune

    from tuner.bridge import JobScheduler, JobSearcher, StudyStopped, StudyStopper
    from tuner.trainable import JobTrainable

    tuner = tune.Tuner(
        tune.with_resources(JobTrainable, _resources(share)),
        tune_config=tune.TuneConfig(
            search_alg=JobSearcher(study, threads=share.threads),
            scheduler=JobScheduler(study),
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: str(trial.trial_id),
        ),
        run_config=tune.RunConfig(
            name=study.config.study,
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


def _resources(share: Share) -> dict[str, float]:
    """What Ray counts for a trial; on one machine, cores are shared out by us, not by Ray."""
    return {"cpu": share.threads, "gpu": share.gpus} if share.gpus else {"cpu": share.threads}


@contextmanager
def _ray(share: Share, address: str | None, scratch: Path) -> Iterator[None]:
    """A connection to a cluster, or a Ray of our own that leaves nothing behind."""
    os.environ |= {key: value for key, value in _RAY_SETTINGS.items() if key not in os.environ}
    os.environ["OMP_NUM_THREADS"] = str(share.threads)
    if address is None:
        # Since Ray 2.59 a token guards a local Ray; ours is for this run only, in no file.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address or ray.is_initialized():
        ours = not ray.is_initialized()
        ray.init(address=address or "auto", ignore_reinit_error=True, **quiet)
        try:
            yield
        finally:
            if ours:
                ray.shutdown()
        return
    try:
        ray.init(
            num_cpus=share.workers * share.threads,
            include_dashboard=False,
            object_store_memory=100 * 2**20,
            _temp_dir=str(scratch),
            **quiet,
        )
        yield
    finally:
        ray.shutdown()


@contextmanager
def _scratch(study: Study, address: str | None) -> Iterator[Path]:
    """Where Ray may write while the study runs.

    On one machine a short path, for Ray's sockets; on a cluster a folder that all machines see.
    """
    if address is None:
        root = Path(tempfile.gettempdir())
        if len(str(root)) > _LONGEST_ROOT:
            root = Path("/tmp")
        _remove_left_behind(root)
        scratch = root / f"{_SCRATCH}{os.getpid()}"
    else:
        root = study.records.folder.absolute()
        for left in root.glob(f".{_SCRATCH}*"):  # nobody else runs this study now
            shutil.rmtree(left, ignore_errors=True)
        scratch = root / f".{_SCRATCH}{os.getpid()}"
    with explained(scratch):
        scratch.mkdir(mode=0o700, exist_ok=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _remove_left_behind(root: Path) -> None:
    """Remove what runs that were killed have left."""
    for left in root.glob(f"{_SCRATCH}*"):
        process = left.name.removeprefix(_SCRATCH)
        if process.isdigit() and not _alive(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@contextmanager
def _interruptible(study: Study) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the study between two events; a second Ctrl-C ends it anywhere."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        if study.stopping is not None:
            raise KeyboardInterrupt
        study.stop("interrupted")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
