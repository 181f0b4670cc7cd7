"""The connection to Ray for a run: to a Ray that is started here, or to a cluster."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sr_models.errors import WorkFailedError
from sr_models.exits import EXIT_FAILED
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray.address import checked_address, refused
from tuner.executors.ray.lean import lean_start, workers_as_they_are
from tuner.executors.ray.private import (
    dead_processes,
    environment,
    node_runs_here,
    quick_import,
    signals_left,
    without_raylets_words,
)

_STARTS = 3
"""Number of attempts to start Ray, because the machine may be overloaded for a moment."""

_PATIENCE = 15.0
"""Seconds for the run's own loop to notice that Ray has died, before the process is ended."""

_QUIET: dict[str, Any] = {"logging_level": logging.CRITICAL, "log_to_driver": False}


@contextmanager
def connected(
    share: Allocation,
    address: str | None,
    scratch: Path,
    last_words: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Connect to a cluster, or start a Ray of our own that leaves nothing behind.

    Args:
        share: what our own Ray may hand out.
        address: of a cluster; None to start Ray.
        scratch: the folder for the files of our own Ray.
        last_words: called if the process has to be ended because Ray has died during a call.

    Raises:
        WorkFailedError: Ray cannot be started, or reached.
    """
    with environment(threads=share.threads, local=address is None):
        with quick_import():
            import ray

        logging.getLogger("ray").setLevel(logging.CRITICAL)
        ours = not ray.is_initialized()
        try:
            with without_raylets_words():
                with signals_left():
                    if address or not ours:
                        _join(address or "auto")
                    else:
                        _start(share, scratch)
                with workers_as_they_are(), _last_resort(last_words):
                    yield
        finally:
            if ours:
                ray.shutdown()


def cluster_machines(address: str) -> list[Machine]:
    """Return the machines of a Ray cluster that are up.

    Raises:
        UserError: it is not the address of a cluster, or the cluster rejects the connection.
        WorkFailedError: no cluster answers there.
    """
    with environment(threads=1, local=False):
        with quick_import():
            import ray

        ours = not ray.is_initialized()
        if ours:
            address = checked_address(address)
        try:
            with signals_left():
                _join(address)
            return [machine_of(node) for node in ray.nodes() if node["Alive"]]
        finally:
            if ours:
                ray.shutdown()


def machine_of(node: Mapping[str, Any]) -> Machine:
    """Return the resources of a node, as Ray reports them."""
    has = node["Resources"]
    memory = int(has.get("memory", 2**60))
    return Machine(int(has.get("CPU", 0)), int(has.get("GPU", 0)), memory)


def _join(address: str) -> None:
    """Connect to a cluster.

    Raises:
        UserError: the cluster rejects the connection.
        WorkFailedError: it cannot be reached, or this machine is not part of it.
    """
    import ray

    if not ray.is_initialized() and not node_runs_here():
        raise WorkFailedError(
            f"--address {address}: this machine is not part of the cluster; run the command on a "
            f"machine that is, or let this machine join: ray start --address={address}"
        )
    try:
        ray.init(address=address, ignore_reinit_error=True, **_QUIET)
    except Exception as error:  # Ray may raise anything
        raise refused(address, error) from error


def require_alive() -> None:
    """Check that the processes of our own Ray are alive; Ray itself would wait for them for 60 s.

    Raises:
        WorkFailedError: they have been killed.
    """
    if dead := dead_processes():
        raise WorkFailedError(_died(dead))


def is_dead() -> bool:
    """Return whether any process of our own Ray has been killed."""
    return bool(dead_processes())


@contextmanager
def _last_resort(last_words: Callable[[], None]) -> Iterator[None]:
    """End the process if Ray has died during a call that waits for its answer.

    Ray would end it too, but after 60 s and without saying what to do. study.db is intact at any
    moment, as after kill -9.
    """
    over = threading.Event()

    def watch() -> None:
        since = None
        while not over.wait(1.0):
            dead = dead_processes()
            since = (since or time.monotonic()) if dead else None
            if since is not None and time.monotonic() - since > _PATIENCE:
                with suppress(Exception):  # there may be nobody left to tell
                    last_words()
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
        "intact; continue with --resume"
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
        except Exception as error:  # Ray raises a bare Exception when it takes too long
            ray.shutdown()
            if attempt == _STARTS:
                raise WorkFailedError(
                    f"Ray could not be started ({error}); check what else runs on this machine, "
                    "then continue with --resume"
                ) from error
        else:
            scratch.chmod(0o700)  # Ray opens it to all users
            return
