"""Keeps a worker that was given up from writing into a trial that has moved to another worker.

A machine that was cut off keeps training, unaware. When its network is back it would publish an old
checkpoint beside the new worker. So each job has a file with a word that the driver changes when it
gives the job to another worker.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sr_models.atomic import write_atomically

CHECK_EVERY = 1.0  # seconds


class FencedOffError(RuntimeError):
    """The trial has been given to another worker."""


@dataclass(frozen=True)
class Fence:
    """A file, and the word that it holds while a job is current."""

    file: Path
    word: str

    @classmethod
    def put_up(cls, folder: Path, trial: int) -> Self:
        """Create the fence of a new job of a trial, which invalidates all earlier jobs."""
        folder.mkdir(exist_ok=True)
        fence = cls(folder / str(trial), secrets.token_hex(8))
        write_atomically(fence.file, fence.word.encode(), durable=False)
        return fence

    def stands(self) -> bool:
        """Return whether the job is still current; if the folder cannot be read now, it is."""
        try:
            return self.file.read_text(encoding="utf-8") == self.word
        except FileNotFoundError:
            return False  # the run has ended, or another run has begun
        except OSError:
            return True

    def check(self) -> None:
        """Check that the job is still current, before anything is published.

        Raises:
            FencedOffError: it is not.
        """
        if not self.stands():
            raise FencedOffError(f"job {self.file.name} has been given to another worker")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """End this process soon after the job stops being current, whatever it is doing."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(CHECK_EVERY):
                if not self.stands():
                    os._exit(1)

        threading.Thread(target=watch, name="fence", daemon=True).start()
        try:
            yield
        finally:
            over.set()
