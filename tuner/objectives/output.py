"""What training code prints, kept in its trial's folder: a worker has no terminal."""

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


class Output:
    """The file that takes the words of a trial's code, standard output and error alike.

    Trials may take turns in one process (see `tuner.executors.simulation`), so it is there only
    while their code runs.

    Args:
        folder: the trial's.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / OUTPUT
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        self._streams: tuple[Any, Any] = (_stream(), _stream())

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Let what is printed meanwhile go to the file, or where the code itself has sent it."""
        stream = _stream()
        os.dup2(self._file, stream.fileno())
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._streams
        try:
            yield
        finally:
            self._streams = sys.stdout, sys.stderr  # a redirection may last for several epochs
            sys.stdout, sys.stderr = before
            stream.flush()
            os.dup2(_nowhere(), stream.fileno())

    def each(self, found: Iterable[Any]) -> Iterator[Any]:
        """What code yields, with its words."""
        iterator = iter(found)
        while True:
            with self.taken():
                item = next(iterator, _END)
            if item is _END:
                return
            yield item

    def close(self) -> None:
        """Close the file; one that is empty is of no use to anybody."""
        empty = os.fstat(self._file).st_size == 0
        os.close(self._file)
        if empty:
            self._path.unlink(missing_ok=True)


class _Stream(TextIOWrapper):
    """Stays open where code closes its standard output: the next trial prints to it, too."""

    def close(self) -> None:
        self.flush()


@cache
def _stream() -> TextIOWrapper:
    """One for the process: what `logging` once has found as standard error stays in use."""
    nothing = BufferedWriter(FileIO(os.devnull, "w"))
    return _Stream(nothing, "utf-8", "backslashreplace", line_buffering=True)


@cache
def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)
