"""All use of Ray beyond its public interface.

Environment variables that Ray reads, a function of Ray that prints, and the processes that our own
Ray has started (`lean` has how it is started). All changes are undone when a run has ended, because
a process may run several searches, or be a notebook.

`tests/tuner/executors/test_ray_private.py` fails when a new version of Ray moves what this relies
on.
"""

import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sr_models.exits import GRACEFUL, signals_held

# Read by Ray when it is imported, or when a run starts.
SETTINGS: Mapping[str, str] = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0 the new output still prints a box of settings
    "RAY_DEDUP_LOGS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_failure_threshold": "1000",  # a busy machine is not dead; `watch` checks
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

TOKEN = "RAY_AUTH_TOKEN"
MODE = "RAY_AUTH_MODE"

NEEDED = ("gcs_server", "raylet")
"""The processes that our own Ray cannot do without."""

LOCAL: Mapping[str, str] = {
    "RAY_enable_metrics_collection": "0",
    "RAY_gcs_server_port_wait_time_s": "120",  # of 30
    "RAY_kill_idle_workers_interval_ms": "0",  # else after 1 s, before their first job
    "RAY_raylet_start_wait_time_s": "3",  # of 30: `lean` asks again unless it has died
    "RAY_preload_python_modules": "tuner.executors.ray.trainable",
    "RAY_worker_niceness": "0",  # of 15: beside other work, a study would hardly progress
    "RAY_worker_register_timeout_seconds": "120",  # of 60
}
"""Only for our own Ray."""

SLOW_IMPORT = "rfc3987_syntax"
"""An optional import of `import ray` that is not needed and takes three times as long: see
`WITHOUT`."""

WITHOUT = str(Path(__file__).parent / "without")
"""A folder that precedes the installed packages, so that `SLOW_IMPORT` is missing."""


@contextmanager
def environment(*, threads: int, local: bool) -> Iterator[None]:
    """Set the variables that Ray and its workers read; the caller's own settings are kept.

    Args:
        threads: threads of each worker.
        local: whether our own Ray is started. Since Ray 2.59 it is guarded by a token, which only
            this process knows and which is in no file.
    """
    wanted = {**SETTINGS, **({TOKEN: _token(), **LOCAL} if local else {})}
    if local and "ray" not in sys.modules:  # the mode is read when Ray is imported
        wanted[MODE] = "token"
    changes = {key: value for key, value in wanted.items() if key not in os.environ}
    with _variables(changes | {"OMP_NUM_THREADS": str(threads)}):
        yield


@contextmanager
def quick_import() -> Iterator[None]:
    """Import Ray in this process without `SLOW_IMPORT`."""
    absent = SLOW_IMPORT not in sys.modules
    if absent:
        sys.modules[SLOW_IMPORT] = None  # type: ignore[assignment]  # an import of it fails
    try:
        yield
    finally:
        if absent:
            del sys.modules[SLOW_IMPORT]


@contextmanager
def quick_import_in_children() -> Iterator[None]:
    """Do the same in processes that are started meanwhile, and in their children."""
    places = filter(None, [WITHOUT, os.environ.get("PYTHONPATH")])
    with _variables({"PYTHONPATH": os.pathsep.join(places)}):
        yield


def undo_quick_import() -> None:
    """Let what a worker imports or starts from now on find all installed packages."""
    sys.path[:] = [place for place in sys.path if place != WITHOUT]
    places = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(place for place in places if place != WITHOUT)


def end_worker(job: Any) -> None:
    """End the process of a Ray Tune trial, wherever it runs, whether it answers or not."""
    import ray

    actor = job.temporary_state.ray_actor
    if actor is not None:
        ray.kill(actor)


def own_cluster() -> str | None:
    """Return the address of the head of this machine's cluster; None if it is in no cluster."""
    given = os.environ.get("RAY_ADDRESS", "")
    if given not in ("", "auto"):
        return given  # Ray itself prefers it too
    from ray._private import services

    try:
        found: str | None = services.canonicalize_bootstrap_address("auto")
    except ConnectionError:
        return None
    return found


def require_head(address: str) -> None:
    """Ask the head of a cluster for its id; raises what Ray raises where there is none."""
    with quick_import():
        from ray._raylet import GcsClient  # type: ignore[attr-defined]
    with without_cpp_words():
        GcsClient(address=address)


def leaving_nodes() -> frozenset[str]:
    """Return the ids of running nodes that were told to leave, by SIGTERM or by an autoscaler."""
    from ray._private.state import state

    return frozenset(state.get_draining_nodes())


def node_runs_here() -> bool:
    """Return whether this machine is a node of a cluster; Ray would wait 30 s for that."""
    from ray._private import services

    return bool(services.find_node_ids())


@contextmanager
def signals_left() -> Iterator[None]:
    """Keep Ray from replacing the handler of SIGTERM: Ray's prints a traceback or ends the process.

    Its C++ part first installs its own handler, which cannot be prevented: until ours is back, the
    signal is blocked.
    """
    from ray._private import utils

    takes = utils.set_sigterm_handler
    utils.set_sigterm_handler = lambda _: None
    with signals_held():
        try:
            yield
        finally:
            utils.set_sigterm_handler = takes
            if threading.current_thread() is threading.main_thread():
                for number in GRACEFUL:
                    signal.signal(number, signal.getsignal(number) or signal.SIG_DFL)


@contextmanager
def without_raylets_words() -> Iterator[None]:
    """Keep the raylet's messages about dead workers, which ignore log levels, off the terminal."""
    from ray._private import worker

    prints = worker.print_to_stdstream
    worker.print_to_stdstream = lambda *_, **__: None
    try:
        yield
    finally:
        worker.print_to_stdstream = prints


@contextmanager
def without_cpp_words() -> Iterator[None]:
    """Keep the output of Ray's C++ part off the terminal, while nothing else prints."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def dead_processes() -> list[str]:
    """Return which processes of our own Ray are gone; none if there is no Ray of our own."""
    from ray._private import worker

    node = worker._global_node
    found = [] if node is None else [kind for kind, _ in node.dead_processes()]
    return [kind for kind in NEEDED if kind in found]


@contextmanager
def _variables(changes: Mapping[str, str]) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in changes}
    os.environ |= changes
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


@cache
def _token() -> str:
    """The same token for all runs of this process, because Ray reads it only once."""
    return secrets.token_hex(32)
