"""Our own Ray without what studies do not need, private to this process, and patient.

Like `private`, it relies on names of Ray that are not public.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket
from typing import Any

from sr_models.exits import signals_let_through
from tuner.executors.ray.private import quick_import_in_children

NEEDLESS = ("start_api_server", "start_monitor", "start_log_monitor")
"""What the head node starts, and a study on a single machine does not need."""

AGENTS = ("dashboard_agent_command", "runtime_env_agent_command")
"""Options of the raylet: commands of two Python processes that it starts and needs to see alive."""

AGENT_PORTS = (
    "metrics_agent_port",
    "metrics_export_port",
    "dashboard_agent_listen_port",
    "runtime_env_agent_port",
)
"""Their ports; if these are not given, the raylet waits 15 s for the processes to tell them."""

LISTENING = "dashboard_agent_listen_port"
"""The one of these ports that Ray does not give to the raylet."""

PRESTARTED = "num_prestart_python_workers"
"""Option of the raylet: number of workers to start before they are needed."""

LOOPBACK = "127.0.0.1"

PATIENCE = 120.0
"""Seconds for a living raylet to come up; Ray itself takes a busy machine for dead."""

_IDLE = Path(__file__).parent / "idle.py"


@contextmanager
def lean_start(workers: int, ip: str = LOOPBACK) -> Iterator[None]:
    """Start our own Ray without what studies do not need, reachable from this machine only.

    - Ray runs its API server even without a dashboard, a monitor for clusters that grow, and a
      monitor for logs that are not read: two seconds of CPU each.
    - The raylet dies without its two agents (metrics, and packages to install before a trial),
      which take as long; an idle process stands in for each.
    - It listens on loopback only, not on all interfaces.
    - As many workers as there will be are started before they are needed.

    Args:
        workers: how many worker processes there will be.
        ip: the address where it listens; only tests of clusters on a single machine change it.
    """
    from ray._private import services
    from ray._private.node import Node

    with quick_import_in_children(), ExitStack() as changed:
        for name in NEEDLESS:
            changed.enter_context(_changed(Node, name, _nothing))
        changed.enter_context(_changed(Node, "__init__", _alone(Node.__init__, ip)))
        started = _slim(services.start_ray_process, workers)
        changed.enter_context(_changed(services, "start_ray_process", started))
        yield


@contextmanager
def workers_as_they_are() -> Iterator[None]:
    """Let Ray Tune use the workers that are already running.

    It requests workers with an additional environment variable, which only an agent could provide,
    so all imports would be repeated. A worker sets the variable itself, with its first job.
    """
    from ray import remote
    from ray.tune.execution.class_cache import _ActorClassCache

    def get(cache: Any, trainable: type) -> Any:
        return cache._cache.setdefault(trainable, remote(trainable))

    with _changed(_ActorClassCache, "get", get):
        yield


@contextmanager
def _changed(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing, in place of a method that starts a process."""


def _alone(start: Callable[..., None], ip: str = LOOPBACK) -> Callable[..., None]:
    """Start a node that listens at a single address.

    If it does not come up, its processes are ended; Ray would leave them until ours ends.
    """

    def started(node: Any, ray_params: Any, *args: Any, **named: Any) -> None:
        from ray._private import services

        ports = dict(zip(AGENT_PORTS, _free_ports(len(AGENT_PORTS)), strict=True))
        ray_params.update(node_ip_address=ip, **ports)
        try:
            with _changed(services, "get_node", _patient(services.get_node, node)):
                start(node, ray_params, *args, **named)
        except BaseException:
            if hasattr(node, "all_processes"):
                node.kill_all_processes(check_alive=False, wait=True)
            raise

    return started


def _patient(ask: Callable[..., Any], node: Any) -> Callable[..., Any]:
    """Ask for a node until it has come up, as long as its raylet is alive."""

    def asked(*args: Any, **named: Any) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return ask(*args, **named)
            except RuntimeError:
                dead = [kind for kind, _ in node.dead_processes()]
                if dead:
                    raise ChildProcessError(f"{' and '.join(dead)} ended at once") from None
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    return asked


def _slim(start: Callable[..., Any], workers: int) -> Callable[..., Any]:
    """Start processes as Ray does, but the raylet with idle agents and as many workers."""

    def started(command: list[str], kind: str, *args: Any, **named: Any) -> Any:
        if kind == "raylet":
            command = raylet_command(command, workers)
        with signals_let_through():  # a process would inherit the blocked signals
            return start(command, kind, *args, **named)

    return started


def raylet_command(command: list[str], workers: int) -> list[str]:
    """Return the raylet's command line, changed for a study on a single machine."""
    idle = subprocess.list2cmdline([sys.executable, "-I", "-S", str(_IDLE)])
    changes = {
        **dict.fromkeys(AGENTS, idle),
        PRESTARTED: str(workers),
        LISTENING: str(_free_ports(1)[0]),
    }
    kept = [word for word in command if _option(word) not in changes]
    return [*kept, *(f"--{name}={value}" for name, value in changes.items())]


def _option(word: str) -> str:
    return word.removeprefix("--").partition("=")[0]


def _free_ports(count: int) -> list[int]:
    """Ports of the loopback interface on which nothing listens."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket()) for _ in range(count)]
        for each in held:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in held]
