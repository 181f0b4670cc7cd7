"""What training code prints, kept in its trial's folder: a worker has no terminal."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, TextIO

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

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Let what is printed meanwhile go to the file."""
        stream = _stream()
        os.dup2(self._file, stream.fileno())
        try:
            with redirect_stdout(stream), redirect_stderr(stream):
                yield
        finally:
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


@cache
def _stream() -> TextIO:
    """One for the process: what `logging` once has found as standard error stays in use."""
    return open(os.devnull, "w", buffering=1, encoding="utf-8", errors="backslashreplace")


@cache
def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)
