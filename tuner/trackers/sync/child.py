"""A process that reads lines and answers in lines of JSON. Nothing here waits for it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

_TAIL = 4000  # bytes of a dead process's last output that are read


class ChildProcess:
    """A Python module that runs as a separate process, with this package on its path.

    Args:
        module: its dotted name.

    Raises:
        OSError: it cannot be started: no memory, no processes or no disk space is left.
    """

    def __init__(self, module: str) -> None:
        self._partial = b""
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        root = str(Path(__file__).parents[3])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            bufsize=0,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for the driver, which then says what to do
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def say(self, line: str) -> None:
        """Send it a line; does nothing if it is dead."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(line.encode() + b"\n")

    def hear(self) -> Iterator[dict[str, Any]]:
        """Yield the messages that have come since the last call."""
        assert self._process.stdout is not None
        while not self._process.stdout.closed and (data := self._process.stdout.read(65536)):
            *lines, self._partial = (self._partial + data).split(b"\n")
            yield from (json.loads(line) for line in lines)

    def last_words(self) -> str:
        """Return the last line that it wrote to standard error; empty if there is none."""
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - _TAIL))
        lines = self._words.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip()[:300] if lines else ""

    def end(self) -> None:
        """Kill it and all of its children."""
        _kill(self._process.pid)
        with suppress(
            subprocess.TimeoutExpired
        ):  # a process that waits for a lost disk cannot be killed
            self._process.wait(timeout=1)
        for stream in (self._process.stdin, self._process.stdout, self._words):
            assert stream is not None
            with suppress(OSError):
                stream.close()


def _kill(pid: int) -> None:
    """Kill a process with its group or, on systems without groups, with its children."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for member in (*process.children(recursive=True), process):
            with suppress(psutil.Error):
                member.kill()
