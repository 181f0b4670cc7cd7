"""People's notes about a study: stars, tags and notes on trials, and saved views of the page.

They have their own file, `notes.json` in the results folder, because only the driver writes
study.db. Every write replaces the whole file, so no reader sees half of it.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, Self

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tuner.records.disk import explained
from tuner.records.sqlite_file import RecordsError

FILE_NAME = "notes.json"
LOCK = "notes.lock"
PATIENCE = 10.0
"""Seconds to wait for another dashboard that is writing at the same moment."""

Tag = Annotated[str, Field(min_length=1, max_length=60)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TrialNote(_Strict):
    """The notes on a trial."""

    star: bool = False
    tags: tuple[Tag, ...] = Field((), max_length=20)
    text: str = Field("", max_length=10_000)


class View(_Strict):
    """A saved view of the page; `address` is the part of its URL after the `#`."""

    name: str = Field(min_length=1, max_length=80)
    address: str = Field(max_length=8_000)


class Notes(_Strict):
    """All notes of a study; `trials` by trial name."""

    format: Literal[1] = 1
    trials: dict[str, TrialNote] = Field({}, max_length=100_000)
    views: tuple[View, ...] = Field((), max_length=200)

    def with_trial(self, name: str, note: TrialNote) -> Self:
        """Return the notes with `note` on a trial; an empty note is dropped."""
        rest = {key: value for key, value in self.trials.items() if key != name}
        kept = rest if note == TrialNote() else {**rest, name: note}
        return self.model_copy(update={"trials": kept})

    def with_views(self, views: tuple[View, ...]) -> Self:
        """Return the notes with these views instead."""
        return self.model_copy(update={"views": views})


def read_notes(folder: Path) -> Notes:
    """Return the notes of a study, empty if there are none yet.

    Raises:
        RecordsError: the file cannot be read, or is not a file of notes.
    """
    path = folder / FILE_NAME
    try:
        return Notes.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Notes()
    except (OSError, ValidationError) as error:
        raise RecordsError(f"{path} cannot be read as notes: {_first(error)}") from error


def notes_stamp(folder: Path) -> int:
    """Return a number that changes whenever the notes do; 0 if there are no notes."""
    try:
        return (folder / FILE_NAME).stat().st_mtime_ns
    except OSError:
        return 0


@contextmanager
def changing_notes(folder: Path) -> Iterator["Change"]:
    """Read the notes of a study, let the caller change them, and write them, under a lock.

    Raises:
        RecordsError: the existing file cannot be read; it is left as it is.
        UserError, WorkFailedError: the folder cannot be written.
    """
    if not folder.is_dir():  # which the lock would make
        raise RecordsError(f"{folder} is not there any more")
    with explained(folder), FileLock(folder / LOCK, timeout=PATIENCE):
        change = Change(read_notes(folder))
        yield change
        _replace(folder / FILE_NAME, change.notes)


class Change:
    """Notes that are being changed: assign the new notes to `notes`."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes


def _replace(path: Path, notes: Notes) -> None:
    text = notes.model_dump_json(indent=1, exclude_defaults=False)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"])
    return str(error)
