"""Python processes without their start: forked from one that has imported what they need.

What is forked is a process like any other: it has a session, streams and an environment of its own,
and is stopped and killed as others are. Only what it would have imported is there already.
"""

import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
LONGEST = 2**18  # bytes of a request: an environment


class Forks:
    """Starts modules as processes, forked from one that has imported `preloaded`."""

    def __init__(self, *preloaded: str) -> None:
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._link.settimeout(120)  # it has imported what it was told to, or has failed
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.forks", str(theirs.fileno()), *preloaded],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
            )
        self._left: set[int] = set()

    def start(
        self, module: str, *arguments: str, streams: Sequence[int], environment: Mapping[str, str]
    ) -> int:
        """Start `python -m MODULE ARGUMENTS` in a session of its own, and return its number."""
        request = {
            "module": module,
            "arguments": arguments,
            "environment": dict(environment),
            "folder": os.getcwd(),
        }
        socket.send_fds(self._link, [json.dumps(request).encode()], streams)
        pid = int(self._link.recv(LONGEST))
        self._left.add(pid)
        return pid

    def exit_code(self, pid: int) -> int | None:
        """How it ended, as `subprocess` counts; None while it runs."""
        self._link.send(json.dumps({"ended": pid}).encode())
        code: int | None = json.loads(self._link.recv(LONGEST))
        if code is not None:
            self._left.discard(pid)
        return code

    def kill(self, pid: int) -> None:
        """End a process that may have ended."""
        if pid not in self._left:
            return
        with suppress(ProcessLookupError):
            os.killpg(pid, 9)
        while self.exit_code(pid) is None:
            time.sleep(0.01)

    def close(self) -> None:
        """End it, and what it has started."""
        for pid in [*self._left]:
            self.kill(pid)
        self._server.kill()
        self._server.wait()
        self._link.close()


class Forked:
    """What of `subprocess.Popen` is asked of a process, for one that is forked."""

    def __init__(
        self, forks: Forks, module: str, *, stderr: IO[bytes], env: Mapping[str, str]
    ) -> None:
        self._forks = forks
        self._code: int | None = None
        (stdin, ours), (mine, stdout) = os.pipe(), os.pipe()
        self.pid = forks.start(module, streams=[stdin, stdout, stderr.fileno()], environment=env)
        for stream in (stdin, stdout):
            os.close(stream)
        self.stdin = os.fdopen(ours, "wb", buffering=0)
        self.stdout = os.fdopen(mine, "rb", buffering=0)

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._forks.exit_code(self.pid)
        return self._code

    def wait(self, timeout: float) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.002)
        return code


def _serve(link: socket.socket) -> None:
    while True:
        text, streams, _, _ = socket.recv_fds(link, LONGEST, 3)
        if not text:
            return
        request = json.loads(text)
        if "ended" in request:
            pid, status = os.waitpid(request["ended"], os.WNOHANG)
            link.send(json.dumps(os.waitstatus_to_exitcode(status) if pid else None).encode())
            continue
        begun, beginning = os.pipe()
        pid = os.fork()
        if pid == 0:
            link.close()
            os.setsid()
            os.close(begun)
            os.close(beginning)
            _become(request, streams)
        for stream in (*streams, beginning):
            os.close(stream)
        os.read(begun, 1)  # it leads a group of its own, by which it can be killed
        os.close(begun)
        link.send(str(pid).encode())


def _become(request: dict[str, Any], streams: Sequence[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[1:] = request["arguments"]
    os.chdir(request["folder"])
    code = 1
    try:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - it is said as any process would say it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # as in conftest.py
    for name in sys.argv[2:]:
        import_module(name)
    gc.collect()
    gc.freeze()  # what was imported is no garbage: no process looks through it, and copies it
    _serve(socket.socket(fileno=int(sys.argv[1])))
