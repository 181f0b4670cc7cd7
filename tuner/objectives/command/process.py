"""A process and everything that it starts, ended together, whatever dies."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psutil

from tuner.objectives.errors import ObjectiveError

TAIL = 20
"""Lines of output that an error message shows."""
LONGEST = 500
"""Characters of a line of output that an error tells."""
_TAIL_BYTES = 64 * 1024

MARK = "TUNER_PROCESS"
"""An environment variable of all processes that a command has started, by which they are found even
if they have left its process group: launchers such as torchrun give their workers sessions of their
own."""

# Reads from a pipe that only the worker holds open: the pipe ends when the worker dies.
_WATCH = """
read -r word
[ "$word" = over ] && exit
kill -s KILL -- "-$1" 2>/dev/null
for file in $(grep -lsa "$2" /proc/[0-9]*/environ); do
    process=${file#/proc/}
    kill -s KILL "${process%/environ}" 2>/dev/null
done
"""


class CommandFailedError(RuntimeError):
    """A command has ended with an error."""


class Process:
    """A command in a process group of its own; use it as a context manager.

    When the worker dies, by whatever signal, the whole group is killed at once, and any process
    that has left it: a trial that is retried must not meet its previous processes.

    Args:
        arguments: program and arguments.
        environment: all environment variables.
        output: the file that takes its standard output and error.
        grace: seconds between SIGTERM and SIGKILL.

    Raises:
        ObjectiveError: the program cannot be started.
    """

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: Path, grace: float
    ) -> None:
        self._output = output
        self._grace = grace
        self._arguments = arguments
        self._mark = uuid4().hex
        with output.open("ab") as file:
            self._began = file.tell()
            try:
                self._process = subprocess.Popen(
                    arguments,
                    env={**environment, MARK: self._mark},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ObjectiveError(
                    f"{arguments[0]} cannot be started: {error.strerror or error}"
                ) from error
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "sh", str(self._process.pid), f"{MARK}={self._mark}"],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def running(self) -> bool:
        """Whether the command is still running."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Wait until the command has ended, at most so many seconds; return whether it has."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def check(self) -> None:
        """Check that the command has succeeded.

        Raises:
            CommandFailedError: it has not; with the last lines of its output.
        """
        code = self._process.returncode
        if code:
            how = f"exit code {code}" if code > 0 else f"killed by {_signal(-code)}"
            raise CommandFailedError(f"{self._arguments[0]} failed ({how}){self.last_words()}")

    def last_words(self) -> str:
        """Return the last lines of the output of this run, to be added to an error message."""
        with self._output.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._began, size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
        last = [line[:LONGEST] for line in lines if line.strip()][-TAIL:]
        return "".join(f"\n  {line}" for line in last) if last else "; it has printed nothing"

    def stop(self) -> None:
        """End the command and all that it has started: SIGTERM and, after the grace, SIGKILL."""
        apart = self._apart()
        if self._signal(signal.SIGTERM) or apart:
            for process in apart:
                _send(process, signal.SIGTERM)
            end = time.monotonic() + self._grace
            while (self._alive() or any(map(_runs, apart))) and time.monotonic() < end:
                self._process.poll()
                time.sleep(0.02)
            self._signal(signal.SIGKILL)
        for process in self._apart():
            _send(process, signal.SIGKILL)
        self._process.wait()
        self._dismiss()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _alive(self) -> bool:
        """Whether any process of the group is still running."""
        return self._signal(0)

    def _apart(self) -> list[psutil.Process]:
        """The processes that the command has started and that have left its group."""
        return [process for process in psutil.process_iter() if self._is_apart(process)]

    def _is_apart(self, process: psutil.Process) -> bool:
        try:
            marked = process.environ().get(MARK) == self._mark
            return marked and os.getpgid(process.pid) != self._process.pid
        except (psutil.Error, OSError):  # gone, or another user's
            return False

    def _signal(self, number: int) -> bool:
        """Send a signal to the group; False if nothing is left of it."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of zombies
            return False
        return True

    def _dismiss(self) -> None:
        """Let the watching process end, because there is nothing left to kill."""
        assert self._watch.stdin is not None
        try:
            self._watch.stdin.write(b"over\n")
            self._watch.stdin.close()
        except OSError:  # it was killed
            pass
        self._watch.wait()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _send(process: psutil.Process, number: int) -> None:
    with suppress(psutil.Error):
        process.send_signal(number)


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name}, perhaps out of memory" if number == signal.SIGKILL else name
