"""What training code prints, kept in a file in its trial's folder: a worker has no terminal."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any

OUTPUT = "output.txt"
"""The file in a trial's folder."""

_END = object()
_running: list["Output"] = []
"""Those whose code runs now."""


def in_a_trial() -> bool:
    """Return whether a trial's code runs in this process at this moment."""
    return bool(_running)


class Output:
    """The file that takes the standard output and error of a trial's code.

    Trials may take turns in a process (see `tuner.executors.simulation`), so the streams are
    redirected only while the code of the trial runs.

    Args:
        folder: the folder of the trial.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / OUTPUT
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        self._streams: tuple[Any, Any] = (_stream(), _stream())

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Redirect what is printed meanwhile to the file, or to where the code has redirected it
        itself."""
        stream = _stream()
        os.dup2(self._file, stream.fileno())
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._streams
        _running.append(self)
        try:
            yield
        finally:
            _running.pop()
            self._streams = (
                sys.stdout,
                sys.stderr,
            )  # the code's own redirection may last for several epochs
            sys.stdout, sys.stderr = before
            stream.flush()
            os.dup2(_nowhere(), stream.fileno())

    def each(self, found: Iterable[Any]) -> Iterator[Any]:
        """Yield what the code yields, while its output is redirected."""
        iterator = iter(found)
        while True:
            with self.taken():
                item = next(iterator, _END)
            if item is _END:
                return
            yield item

    def close(self) -> None:
        """Close the file; delete it if it is empty."""
        empty = os.fstat(self._file).st_size == 0
        os.close(self._file)
        if empty:
            self._path.unlink(missing_ok=True)


class _Stream(TextIOWrapper):
    """Stays open if code closes its standard output, because the next trial prints to it too."""

    def close(self) -> None:
        self.flush()


@cache
def _stream() -> TextIOWrapper:
    """The same stream for the whole process, because `logging` keeps the stderr it has found."""
    nothing = BufferedWriter(FileIO(os.devnull, "w"))
    return _Stream(nothing, "utf-8", "backslashreplace", line_buffering=True)


@cache
def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)
