"""Ray for one run: started here, or a cluster's."""

import logging
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sr_models.cli import EXIT_FAILED
from sr_models.errors import WorkFailedError
from tuner.executors.allocation import Allocation, Machine

_STARTS = 3
"""How often Ray is started: where much else runs, it gives up on itself after 30 s."""

_PATIENCE = 15.0
"""Seconds for the run's own loop to notice that Ray has died, before the process is ended."""

_NEEDED = ("gcs_server", "raylet")

# Read by Ray when it is imported, or when a run starts.
_RAY_SETTINGS = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0 the new output still prints a box of settings
    "RAY_DEDUP_LOGS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_failure_threshold": "1000",  # a busy machine is not dead: we look ourselves
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


@contextmanager
def connected(share: Allocation, address: str | None, scratch: Path) -> Iterator[None]:
    """A connection to a cluster, or a Ray of our own that leaves nothing behind.

    Raises:
        WorkFailedError: Ray cannot be started, or reached.
    """
    os.environ |= {key: value for key, value in _RAY_SETTINGS.items() if key not in os.environ}
    os.environ["OMP_NUM_THREADS"] = str(share.threads)
    if address is None:
        # Since Ray 2.59 a token guards a local Ray; ours is for this run only, in no file.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        if "ray" not in sys.modules:  # it reads the mode when it is imported
            os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray

    logging.getLogger("ray").setLevel(logging.CRITICAL)
    quiet: dict[str, Any] = {"logging_level": logging.CRITICAL, "log_to_driver": False}
    # Words of the raylet on dead workers go around all that; we tell of them ourselves.
    ray._private.worker.print_to_stdstream = lambda *_, **__: None
    ours = not ray.is_initialized()
    try:
        if address or not ours:
            ray.init(address=address or "auto", ignore_reinit_error=True, **quiet)
        else:
            _start(share, scratch, quiet)
        with _last_resort():
            yield
    finally:
        if ours:
            ray.shutdown()


def cluster_machine(address: str) -> Machine:
    """What a Ray cluster has in all, as one machine."""
    import ray

    ray.init(address=address, logging_level="ERROR", log_to_driver=False, ignore_reinit_error=True)
    found = ray.cluster_resources()
    return Machine(int(found.get("CPU", 0)), int(found.get("GPU", 0)))


def require_alive() -> None:
    """See that the processes of a Ray of our own live; left alone, Ray would wait for them 60 s.

    Raises:
        WorkFailedError: they have been killed.
    """
    if dead := _dead():
        raise WorkFailedError(_died(dead))


@contextmanager
def _last_resort() -> Iterator[None]:
    """End the process when Ray has died in the middle of a call that waits for its answer.

    Ray would end it too, but after 60 s, and without a word of what to do. What study.db holds is
    whole at any moment, as after kill -9.
    """
    over = threading.Event()

    def watch() -> None:
        since = None
        while not over.wait(1.0):
            dead = _dead()
            since = (since or time.monotonic()) if dead else None
            if since is not None and time.monotonic() - since > _PATIENCE:
                print(f"error: {_died(dead)}", file=sys.stderr, flush=True)
                os._exit(EXIT_FAILED)

    threading.Thread(target=watch, name="ray-has-died", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _dead() -> list[str]:
    """Which processes of a Ray of our own are gone that it cannot do without."""
    from ray._private import worker

    node = worker._global_node
    found = [] if node is None else [kind for kind, _ in node.dead_processes()]
    return [kind for kind in _NEEDED if kind in found]


def _died(dead: list[str]) -> str:
    return (
        f"Ray has died ({', '.join(dead)}): killed, or out of memory. What was recorded is "
        "whole; go on with --resume"
    )


def _start(share: Allocation, scratch: Path, quiet: dict[str, Any]) -> None:
    import ray

    for attempt in range(1, _STARTS + 1):
        try:
            ray.init(
                num_cpus=share.workers * share.threads,
                include_dashboard=False,
                object_store_memory=100 * 2**20,
                _temp_dir=str(scratch),
                **quiet,
            )
        except Exception as error:  # Ray raises a bare one when it takes too long
            ray.shutdown()
            if attempt == _STARTS:
                raise WorkFailedError(
                    f"Ray could not be started ({error}); see what else runs on this machine, "
                    "then go on with --resume"
                ) from error
        else:
            return
