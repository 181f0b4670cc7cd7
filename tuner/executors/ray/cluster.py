"""Ray for one run: started here, or a cluster's."""

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
"""How often Ray is started: a try may meet a full moment of the machine."""

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
    """A connection to a cluster, or a Ray of our own that leaves nothing behind.

    Args:
        share: what Ray of our own may hand out.
        address: of a cluster; unset, Ray is started.
        scratch: where Ray of our own keeps its files.
        last_words: called where the process has to be ended, for Ray has died under a call.

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
    """The machines of a Ray cluster that are up.

    Raises:
        UserError: it is no address of a cluster, or the cluster does not let us in.
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
    """What a node has, as Ray tells it."""
    has = node["Resources"]
    memory = int(has.get("memory", 2**60))
    return Machine(int(has.get("CPU", 0)), int(has.get("GPU", 0)), memory)


def _join(address: str) -> None:
    """Connect to a cluster.

    Raises:
        UserError: the cluster does not let us in.
        WorkFailedError: it cannot be reached, or this machine is no part of it.
    """
    import ray

    if not ray.is_initialized() and not node_runs_here():
        raise WorkFailedError(
            f"--address {address}: this machine is no part of the cluster; run the command on one "
            f"that is, or let this one join it: ray start --address={address}"
        )
    try:
        ray.init(address=address, ignore_reinit_error=True, **_QUIET)
    except Exception as error:  # Ray raises what it likes
        raise refused(address, error) from error


def require_alive() -> None:
    """See that the processes of a Ray of our own live; left alone, Ray would wait for them 60 s.

    Raises:
        WorkFailedError: they have been killed.
    """
    if dead := dead_processes():
        raise WorkFailedError(_died(dead))


def is_dead() -> bool:
    """Whether any of them has been killed."""
    return bool(dead_processes())


@contextmanager
def _last_resort(last_words: Callable[[], None]) -> Iterator[None]:
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
                with suppress(Exception):  # nobody could be told of it
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
            scratch.chmod(0o700)  # Ray opens it to all users
            return
