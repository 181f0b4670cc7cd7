"""A Ray cluster of several machines on one: each node has its own host name and network.

Needs Linux and root. A node's network is a namespace on a bridge, whose cable can be pulled; a node
that is `blind` has an empty file system in place of a folder.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HEAD = "10.77.0.1"
_BRIDGE = "chaos0"
_CABLE = "chaos-c"
_STARTED = "Ray runtime started"
_STARTS = 3
_OPEN = {
    "RAY_AUTH_MODE": "disabled",
    "no_proxy": "*",
    "http_proxy": "",
    "https_proxy": "",
}
"""No token, and no proxy between the nodes."""


def possible() -> bool:
    """Whether this machine lets us make networks and hide folders."""
    if os.geteuid() != 0:
        return False
    made = subprocess.run(["ip", "netns", "add", "chaos-try"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "chaos-try"], capture_output=True, check=False)
    return made.returncode == 0


@dataclass
class Node:
    """A node that was started: `ray start --block`, and all that it has started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    start: Callable[[], subprocess.Popen[bytes]]
    cable: str | None = None
    starts: int = 1

    def kill(self) -> None:
        """As a power cut: kill -9 of everything."""
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
            for one in [*family, psutil.Process(self.process.pid)]:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        self.process.wait()

    def leave(self) -> None:
        """As a spot machine that is told to go: SIGTERM to everything, and soon after SIGKILL."""
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
            for one in [*family, psutil.Process(self.process.pid)]:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGTERM)
            psutil.wait_procs(family, timeout=5)
        self.kill()

    def unplug(self) -> None:
        """Pull its network cable."""
        assert self.cable, f"{self.name} has no cable"
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        """Put the cable back."""
        assert self.cable, f"{self.name} has no cable"
        _ip("link", "set", self.cable, "up")

    def wait(self, seconds: float = 180) -> None:
        """Wait until Ray runs there."""
        end = time.monotonic() + seconds
        while _STARTED not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None:  # its raylet gives agents 15 s, whatever runs
                assert self.starts < _STARTS, self.log.read_text(errors="replace")
                self.starts += 1
                self.process = self.start()
            assert time.monotonic() < end, f"{self.name} does not start"
            time.sleep(0.1)


@dataclass
class Cluster:
    """The nodes that run; the head, in the network of this machine, is the first.

    Args:
        folder: for Ray's files and logs.
        environment: variables of all nodes.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    port: int = 0
    _made: int = 1

    @property
    def address(self) -> str:
        """The head's."""
        return f"{HEAD}:{self.port}"

    def start_head(self, cores: int = 1) -> Node:
        """Start the head, anew after it was killed, with all that a head is."""
        if not self.port:
            with socket.socket() as free:
                free.bind((HEAD, 0))
                self.port = free.getsockname()[1]
        options = ["--head", f"--port={self.port}", "--include-dashboard=false"]
        options += [f"--temp-dir={self.folder / 'ray'}", f"--node-ip-address={HEAD}"]
        return self._start("head", cores, options, ["unshare", "-u"])

    def start_node(
        self, name: str, cores: int = 1, *, blind: Path | None = None, old: bool = False
    ) -> Node:
        """Start a node with a network of its own.

        Args:
            name: of its host.
            cores: that it has.
            blind: a folder that it does not see.
            old: whether it has another version of NumPy, by its own account.
        """
        self._made += 1
        place, cable, inner = (
            f"10.77.0.{self._made}",
            f"{_CABLE}{self._made}",
            f"chaos-i{self._made}",
        )
        space = f"chaos-{self._made}"
        _ip("netns", "add", space)
        _ip("link", "add", cable, "type", "veth", "peer", "name", inner)
        _ip("link", "set", inner, "netns", space)
        _ip("link", "set", cable, "master", _BRIDGE, "up")
        _ip("-n", space, "addr", "add", f"{place}/24", "dev", inner)
        for device in (inner, "lo"):
            _ip("-n", space, "link", "set", device, "up")
        options = [f"--address={self.address}", f"--node-ip-address={place}"]
        around = ["ip", "netns", "exec", space, "unshare", "-um" if blind else "-u"]
        around = [*around, "env", f"PYTHONPATH={self._older()}"] if old else around
        node = self._start(name, cores, options, around, blind)
        node.cable = cable
        return node

    def _older(self) -> str:
        """Where Python looks first on a node that is `old`."""
        claim = self.folder / "old" / "numpy-0.0.1.dist-info"
        claim.mkdir(parents=True, exist_ok=True)
        (claim / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 0.0.1\n")
        return os.pathsep.join(filter(None, [str(claim.parent), os.environ.get("PYTHONPATH")]))

    def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes.values():
            node.kill()

    def _start(
        self,
        name: str,
        cores: int,
        options: list[str],
        around: list[str],
        blind: Path | None = None,
    ) -> Node:
        ray = Path(sys.executable).with_name("ray")
        start = [str(ray), "start", *options, f"--num-cpus={cores}", "--block"]
        start += ["--disable-usage-stats", f"--object-store-memory={100 * 2**20}"]
        hide = f"mount -t tmpfs tmpfs '{blind}'; " if blind else ""
        shell = ["sh", "-c", f'{hide}hostname {name}; exec "$@"', "sh"]
        log = self.folder / f"{name}.log"

        def begin() -> subprocess.Popen[bytes]:
            with log.open("wb") as file:
                return subprocess.Popen(
                    [*around, *shell, *start],
                    env=os.environ | _OPEN | self.environment,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )

        self.nodes[name] = Node(name, begin(), log, begin)
        return self.nodes[name]


@contextmanager
def cluster(folder: Path, **environment: str) -> Iterator[Cluster]:
    """A cluster with a head, on a network that is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    _clear()
    _ip("link", "add", _BRIDGE, "type", "bridge")
    _ip("addr", "add", f"{HEAD}/24", "dev", _BRIDGE)
    _ip("link", "set", _BRIDGE, "up")
    made = Cluster(folder, environment)
    try:
        made.start_head().wait()
        yield made
    finally:
        made.stop()
        _clear()


def _clear() -> None:
    """Remove the networks, and what a run that was killed has left of them."""
    listed = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        if line.startswith("chaos-"):
            _ip("netns", "del", line.split()[0])
    for cable in [*_cables(), _BRIDGE]:
        subprocess.run(["ip", "link", "del", cable], capture_output=True, check=False)


def _cables() -> list[str]:
    """Our ends of the nodes' cables."""
    return [name for _, name in socket.if_nameindex() if name.startswith(_CABLE)]


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
