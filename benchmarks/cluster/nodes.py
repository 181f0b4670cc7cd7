"""A Ray cluster of several machines on one: each node has its own host name and network.

Needs Linux and root. A node's network is a namespace on a bridge, whose cable can be pulled. What a
node has of this machine's files can be changed: see `Flaw`.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil

_NODE = Path(__file__).with_name("node.py")
_NETWORK = "tn"
_STARTED = "a node runs"
_START = 600.0
"""Seconds for a node to start, on a machine that is busy."""
_NUMPY = "Metadata-Version: 2.1\nName: numpy\nVersion: 0.0.1\n"
_RAY = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_enable_metrics_collection": "0",
    "RAY_gcs_server_port_wait_time_s": "120",
    "RAY_worker_niceness": "0",
    "RAY_worker_register_timeout_seconds": "120",
    "no_proxy": "*",
    "http_proxy": "",
    "https_proxy": "",
}
"""No token, no proxy between the nodes, and patience where much else runs."""


class Flaw(StrEnum):
    """What is wrong with a node."""

    BLIND = "blind"  # it does not see the results, nor the code
    READ_ONLY = "read-only"  # it cannot write there
    OLD = "old"  # it has another version of NumPy, by its own account


def possible() -> bool:
    """Whether this machine lets us make networks and mount what we like."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    tried = f"{_prefix()}-try"
    try:
        made = subprocess.run(["ip", "netns", "add", tried], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", tried], capture_output=True, check=False)
        named = subprocess.run(["unshare", "-um", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return made.returncode == named.returncode == 0


@dataclass
class Node:
    """A node that was started, and all processes that it has started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    cable: str | None = None

    def kill(self) -> None:
        """As a power cut: kill -9 of everything."""
        for one in self._family():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()

    def leave(self) -> None:
        """As a spot machine that is told to go: SIGTERM to everything, and soon after SIGKILL."""
        family = self._family()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.terminate()
        _, alive = psutil.wait_procs(family, timeout=5)
        for one in alive:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()

    def drain(self) -> None:
        """As a container that is told to go: SIGTERM to its first process, as `ray start` is."""
        self.process.terminate()

    def unplug(self) -> None:
        """Pull its network cable."""
        assert self.cable, f"{self.name} has no cable"
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        """Put the cable back."""
        assert self.cable, f"{self.name} has no cable"
        _ip("link", "set", self.cable, "up")

    def wait(self) -> None:
        """Wait until Ray runs there."""
        end = time.monotonic() + _START
        while _STARTED not in self.log.read_text(errors="replace"):
            assert self.process.poll() is None, self.log.read_text(errors="replace")
            assert time.monotonic() < end, f"{self.name} does not start"
            time.sleep(0.1)

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [*first.children(recursive=True), first]
        return []


@dataclass
class Cluster:
    """The nodes that run; the head, in the network of this machine, is the first.

    Args:
        folder: for Ray's files and logs; a short path, since Ray's sockets lie in it.
        results: of the studies; what some flaws are about.
        network: the first two numbers of all addresses.
        code: a folder of the studies' own code, if there is one.
    """

    folder: Path
    results: Path
    network: str
    code: Path | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    port: int = 0
    _made: int = 1

    @property
    def address(self) -> str:
        """The head's."""
        return f"{self._head}:{self.port}"

    @property
    def _head(self) -> str:
        return f"{self.network}.0.1"

    def start_head(self) -> Node:
        """Start the head, anew after it was killed; it has one core."""
        if not self.port:
            with socket.socket() as free:
                free.bind((self._head, 0))
                self.port = free.getsockname()[1]
        return self._start("head", ["unshare", "-u"], self._head)

    def start_node(self, name: str, flaw: Flaw | None = None) -> Node:
        """Start a node of one core with a network of its own."""
        self._made += 1
        place = f"{self.network}.{self._made // 250}.{self._made % 250 + 2}"
        space, cable, inner = (f"{_prefix()}-{kind}{self._made}" for kind in "nci")
        _ip("netns", "add", space)
        _ip("link", "add", cable, "type", "veth", "peer", "name", inner)
        _ip("link", "set", inner, "netns", space)
        _ip("link", "set", cable, "master", f"{_prefix()}-b", "up")
        _ip("-n", space, "addr", "add", f"{place}/16", "dev", inner)
        for device in (inner, "lo"):
            _ip("-n", space, "link", "set", device, "up")
        node = self._start(name, ["ip", "netns", "exec", space, "unshare", "-um"], place, flaw)
        node.cable = cable
        return node

    def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes.values():
            node.kill()

    def _start(self, name: str, around: list[str], ip: str, flaw: Flaw | None = None) -> Node:
        first, variables = self._flawed(flaw) if flaw else ("", {})
        shell = ["sh", "-ec", f'{first} hostname {name}; exec "$@"', "sh"]
        command = [sys.executable, str(_NODE), self.address, ip, "1", str(self.folder / ip)]
        log = self.folder / f"{name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*around, *shell, *command],
                env=os.environ | _RAY | variables,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.nodes[name] = Node(name, process, log)
        return self.nodes[name]

    def _flawed(self, flaw: Flaw) -> tuple[str, dict[str, str]]:
        """What a node's shell does first, and its variables."""
        results = f"'{self.results}'"
        match flaw:
            case Flaw.BLIND:
                unseen = [self.results, *([self.code] if self.code else [])]
                return " ".join(f"mount -t tmpfs tmpfs '{folder}';" for folder in unseen), {}
            case Flaw.READ_ONLY:
                twice = f"mount --bind {results} {results};"
                return f"{twice} mount -o remount,ro,bind {results};", {}
            case Flaw.OLD:
                claim = self.folder / "old" / "numpy-0.0.1.dist-info"
                claim.mkdir(parents=True, exist_ok=True)
                (claim / "METADATA").write_text(_NUMPY)
                places = filter(None, [str(claim.parent), os.environ.get("PYTHONPATH")])
                return "", {"PYTHONPATH": os.pathsep.join(places)}


@contextmanager
def cluster(folder: Path, results: Path, code: Path | None = None) -> Iterator[Cluster]:
    """A cluster with a head, on a network that is gone afterwards."""
    for needed in (folder, results):
        needed.mkdir(parents=True, exist_ok=True)
    _clear()
    made = Cluster(folder, results, _free_network(), code)
    bridge = f"{_prefix()}-b"
    _ip("link", "add", bridge, "type", "bridge")
    _ip("addr", "add", f"{made.network}.0.1/16", "dev", bridge)
    _ip("link", "set", bridge, "up")
    try:
        made.start_head().wait()
        yield made
    finally:
        made.stop()
        _clear(os.getpid())


def _prefix() -> str:
    """How the names of bridge, cables and namespaces begin: there may be other clusters."""
    return f"{_NETWORK}{os.getpid()}"


def _free_network() -> str:
    """The first two numbers of addresses that this machine has no network for."""
    taken = subprocess.run(["ip", "addr"], capture_output=True, text=True, check=True).stdout
    offset = os.getpid() % 100
    tried = (f"10.{100 + (offset + step) % 100}" for step in range(100))
    return next(network for network in tried if f"inet {network}." not in taken)


def _clear(own: int | None = None) -> None:
    """Remove our networks, or those that runs which were killed have left."""
    listed = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=False).stdout
    for name in listed.split():
        if _is_left(name, own):
            _ip("netns", "del", name)
    for _, name in socket.if_nameindex():
        if _is_left(name, own):  # a cable is gone with its namespace, soon
            subprocess.run(["ip", "link", "del", name], capture_output=True, check=False)


def _is_left(name: str, own: int | None) -> bool:
    process = name.removeprefix(_NETWORK).partition("-")[0]
    if not name.startswith(_NETWORK) or not process.isdecimal():
        return False
    return int(process) == own or not psutil.pid_exists(int(process))


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
