"""Ray for one run: started here, or a cluster's."""

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sr_models.cli import EXIT_FAILED
from sr_models.errors import WorkFailedError
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray.lean import lean_start, workers_as_they_are
from tuner.executors.ray.private import (
    dead_processes,
    environment,
    quick_import,
    without_raylets_words,
)

_STARTS = 3
"""How often Ray is started: a try may meet a full moment of the machine."""

_PATIENCE = 15.0
"""Seconds for the run's own loop to notice that Ray has died, before the process is ended."""

_QUIET: dict[str, Any] = {"logging_level": logging.CRITICAL, "log_to_driver": False}


@contextmanager
def connected(share: Allocation, address: str | None, scratch: Path) -> Iterator[None]:
    """A connection to a cluster, or a Ray of our own that leaves nothing behind.

    Raises:
        WorkFailedError: Ray cannot be started, or reached.
    """
    with environment(threads=share.threads, local=address is None):
        with quick_import():
            import ray

        logging.getLogger("ray").setLevel(logging.CRITICAL)
        ours = not ray.is_initialized()
        try:
            with without_raylets_words(), ExitStack() as stack:
                if address or not ours:
                    ray.init(address=address or "auto", ignore_reinit_error=True, **_QUIET)
                else:
                    _start(share, scratch)
                    stack.enter_context(workers_as_they_are())
                with _last_resort():
                    yield
        finally:
            if ours:
                ray.shutdown()


def cluster_machine(address: str) -> Machine:
    """What a Ray cluster has in all, as one machine."""
    with quick_import():
        import ray

    ray.init(address=address, logging_level="ERROR", log_to_driver=False, ignore_reinit_error=True)
    found = ray.cluster_resources()
    return Machine(int(found.get("CPU", 0)), int(found.get("GPU", 0)))


def require_alive() -> None:
    """See that the processes of a Ray of our own live; left alone, Ray would wait for them 60 s.

    Raises:
        WorkFailedError: they have been killed.
    """
    if dead := dead_processes():
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
            dead = dead_processes()
            since = (since or time.monotonic()) if dead else None
            if since is not None and time.monotonic() - since > _PATIENCE:
                print(f"error: {_died(dead)}", file=sys.stderr, flush=True)
                os._exit(EXIT_FAILED)

    threading.Thread(target=watch, name="ray-has-died", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _died(dead: list[str]) -> str:
    return (
        f"Ray has died ({', '.join(dead)}): killed, or out of memory. What was recorded is "
        "whole; go on with --resume"
    )


def _start(share: Allocation, scratch: Path) -> None:
    import ray

    for attempt in range(1, _STARTS + 1):
        try:
            with lean_start(share.workers):
                ray.init(
                    num_cpus=share.workers * share.threads,
                    include_dashboard=False,
                    object_store_memory=100 * 2**20,
                    _temp_dir=str(scratch),
                    **_QUIET,
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
