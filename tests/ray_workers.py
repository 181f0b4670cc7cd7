"""Ray's workers without the most of their start: forked from one that has imported all but Ray.

The raylet starts a program that asks for a fork and waits until that ends; it is told the fork's
number as of any worker. (Ray itself cannot be there already: it reads the variables that the raylet
sets as it is loaded.) What a worker's own start is like is in the tests of whole commands.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from tuner.executors.ray import lean

ROOT = Path(__file__).parents[1]
LONGEST = 2**20  # bytes of a request: arguments and environment

PRELOADED = (
    "filelock",
    "fsspec",
    "google.protobuf.json_format",
    "jsonschema",
    "pandas",
    "psutil",
    "pyarrow.fs",
    "requests",
    "rich.progress",
    "tuner.executors.gpu_share",
    "tuner.objectives.protocol",
    "tuner.records",
    "yaml",
)

ASKS = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
    link.connect({address!r})
    told = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, {longest})
    socket.send_fds(link, [told], [0, 1, 2])
    link.recv(1)
"""


@contextmanager
def forked_workers(folder: Path) -> Iterator[None]:
    """Let a Ray that is started meanwhile have such workers.

    Args:
        folder: with a short name, for sockets.
    """
    program, address = folder / "worker.py", str(folder / "forks")
    program.write_text(ASKS.format(python=sys.executable, address=address, longest=LONGEST))
    program.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.ray_workers", address],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin
    assert server.stdout
    server.stdout.read(1)
    make = lean.raylet_command

    def command(made: list[str], workers: int) -> list[str]:
        option = f"--python_worker_command={sys.executable} "
        return [
            word.replace(option, f"--python_worker_command={program} ", 1)
            for word in make(made, workers)
        ]

    try:
        with patch.object(lean, "raylet_command", command):
            yield
    finally:
        server.stdin.close()
        server.wait()
        server.stdout.close()


def _serve(address: str) -> None:
    own = {str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    installed = [place for place in sys.path if place not in own]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen(64)
        print("!", end="", flush=True)
        while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:
            link, _ = door.accept()
            told, streams, _, _ = socket.recv_fds(link, LONGEST, 3)
            if os.fork() == 0:
                door.close()
                _become(told, streams, installed)
            link.close()
            for stream in streams:
                os.close(stream)


def _become(told: bytes, streams: list[int], installed: list[str]) -> None:
    """Be the worker that was asked for; the program that asked ends with us."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    (script, *arguments), environment, folder = json.loads(told)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    places = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [str(Path(script).parent), *places, *installed]
    sys.argv[:] = [script, *arguments]
    try:
        runpy.run_path(script, run_name="__main__")
    except BaseException:  # noqa: BLE001 - it is said as any process would say it
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # as for a worker's own start
    for name in PRELOADED:
        import_module(name)
    del sys.modules["rfc3987_syntax"]
    gc.collect()
    gc.freeze()  # what was imported is no garbage: no process looks through it, and copies it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they end
    _serve(sys.argv[1])
