"""A Ray of our own: what it starts, who can reach it, and what becomes of a start that fails."""

import inspect
import os
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import ray
from ray._private import services
from ray._private.node import Node
from ray._private.parameter import RayParams
from ray.tune.execution import tune_controller
from ray.tune.execution.class_cache import _ActorClassCache

from tests.tuner.executors.test_ray_private import MOVED
from tuner.executors.ray import lean
from tuner.executors.ray.lean import (
    AGENT_PORTS,
    AGENTS,
    LISTENING,
    LOOPBACK,
    NEEDLESS,
    PRESTARTED,
    lean_start,
    raylet_command,
    workers_as_they_are,
)


@pytest.mark.parametrize("name", NEEDLESS)
def test_what_a_node_starts_needlessly_is_left_out_and_put_back(name: str) -> None:
    before = getattr(Node, name, None)
    assert before is not None, MOVED.format(f"Node.{name}")
    assert f"self.{name}(" in inspect.getsource(Node), MOVED.format(f"the call of Node.{name}")
    with lean_start(1):
        assert getattr(Node, name) is not before
    assert getattr(Node, name) is before


def test_all_else_is_put_back() -> None:
    before = Node.__init__, services.start_ray_process, _ActorClassCache.get
    with lean_start(1), workers_as_they_are():
        now = Node.__init__, services.start_ray_process, _ActorClassCache.get
        assert not set(before) & set(now)
    assert (Node.__init__, services.start_ray_process, _ActorClassCache.get) == before


@pytest.mark.parametrize("name", [*AGENTS, PRESTARTED, "metrics-agent-port"])
def test_ray_gives_the_raylet_the_option(name: str) -> None:
    assert f"--{name}=" in inspect.getsource(services.start_raylet), MOVED.format(f"--{name}")


def test_the_raylet_knows_the_port_that_ray_does_not_tell_it() -> None:
    raylet = Path(services.RAYLET_EXECUTABLE).read_bytes()
    assert LISTENING.encode() in raylet, MOVED.format(f"--{LISTENING}")


def test_the_raylet_is_started_by_the_function_that_is_changed() -> None:
    source = inspect.getsource(services.start_raylet)
    assert "start_ray_process(" in source, MOVED.format("the call of start_ray_process")


@pytest.mark.parametrize("name", [*AGENT_PORTS, "node_ip_address"])
def test_a_node_takes_the_parameter(name: str) -> None:
    assert hasattr(RayParams(), name), MOVED.format(f"RayParams.{name}")


def test_a_node_is_asked_for_as_expected() -> None:
    source = inspect.getsource(Node.__init__)
    assert "ray._private.services.get_node(" in source, MOVED.format("the call of get_node")
    assert "ray_params" in inspect.signature(Node.__init__).parameters, MOVED.format("ray_params")
    for name in ("dead_processes", "kill_all_processes"):
        assert hasattr(Node, name), MOVED.format(f"Node.{name}")


def test_tune_makes_actors_of_the_class_that_the_cache_has() -> None:
    assert "_class_cache.get(" in inspect.getsource(tune_controller), MOVED.format("_class_cache")
    with workers_as_they_are():
        cache = _ActorClassCache()
        actor = cache.get(SimpleNamespace)
        assert actor is cache.get(SimpleNamespace)
    assert not actor._default_options.get("runtime_env"), "takes any worker"


def test_the_raylet_gets_idle_agents_and_as_many_workers() -> None:
    made = ["raylet", "--a=1", "--dashboard_agent_command=python agent.py", f"--{PRESTARTED}=64"]
    command = raylet_command(made, 3)
    assert command[:2] == made[:2]
    assert f"--{PRESTARTED}=3" in command
    agents = [word for word in command if "agent_command" in word]
    assert len(agents) == len(AGENTS)
    assert all("idle.py" in word for word in agents)
    assert len({word.partition("=")[0] for word in command}) == len(command), "each once"


@pytest.fixture
def processes(ray_started: None) -> list[psutil.Process]:
    """This process and all that it has started."""
    me = psutil.Process()
    return [me, *me.children(recursive=True)]


def test_no_dashboard_no_monitors_and_no_agents_run(processes: list[psutil.Process]) -> None:
    commands = [" ".join(process.cmdline()) for process in processes]
    assert any("raylet" in command for command in commands)
    for needless in ("dashboard/dashboard.py", "monitor.py", "Agent", "agent.py"):
        assert not [command for command in commands[1:] if f"{needless}" in command.split(" --")[0]]


def test_nobody_outside_this_machine_reaches_a_ray_of_our_own(
    processes: list[psutil.Process],
) -> None:
    def work() -> int:
        return os.getpid()

    pids = ray.get([ray.remote(work).remote() for _ in range(2)])
    listening = {}
    for process in {*processes, *map(psutil.Process, pids)}:
        for connection in process.net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN:
                address = ip_address(connection.laddr.ip)
                mapped = getattr(address, "ipv4_mapped", None) or address
                listening[f"{process.name()} {connection.laddr}"] = mapped
    assert any("raylet" in name for name in listening)
    assert set(pids) <= {process.pid for process in psutil.Process().children(recursive=True)}
    assert not {name for name, address in listening.items() if not address.is_loopback}


class FakeNode:
    """A node whose start does what a test wants."""

    def __init__(self, dead: list[tuple[str, Any]]) -> None:
        self.all_processes: dict[str, Any] = {}
        self.killed = 0
        self._dead = dead

    def dead_processes(self) -> list[tuple[str, Any]]:
        return self._dead

    def kill_all_processes(self, **_: Any) -> None:
        self.killed += 1


def test_a_start_that_fails_leaves_no_process() -> None:
    def start(node: FakeNode, ray_params: RayParams) -> None:
        raise KeyboardInterrupt

    node, params = FakeNode([]), RayParams()
    with pytest.raises(KeyboardInterrupt):
        lean._alone(start)(node, ray_params=params)
    assert node.killed == 1
    assert params.node_ip_address == LOOPBACK
    ports = {getattr(params, name) for name in AGENT_PORTS}
    assert len(ports) == len(AGENT_PORTS)
    assert 0 not in ports


def test_a_raylet_is_waited_for_while_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Iterator[Any] = iter([RuntimeError("not yet"), RuntimeError("not yet"), {"found": 1}])

    def ask(*_: object) -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert lean._patient(ask, FakeNode([]))("address", "id") == {"found": 1}
    answers = iter([RuntimeError("not yet")] * 3)
    with pytest.raises(ChildProcessError, match="raylet ended at once"):
        lean._patient(ask, FakeNode([("raylet", None)]))("address", "id")
    monkeypatch.setattr(lean, "PATIENCE", 0.0)
    with pytest.raises(RuntimeError, match="not yet"):
        lean._patient(ask, FakeNode([]))("address", "id")
