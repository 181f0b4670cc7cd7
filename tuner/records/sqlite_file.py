"""study.db as a file: opening it safely on any file system, and explaining SQLite's errors."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sr_models.errors import UserError, WorkFailedError
from tuner.records.disk import mend
from tuner.records.lock import has_locks


class RecordsError(UserError):
    """study.db is missing, is not a file of this program, or cannot be written."""


class DiskError(RecordsError, WorkFailedError):
    """The disk of study.db is full or broken; what the file held before is intact."""


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database.

    Args:
        path: the file.
        mode: as in SQLite's URIs: rwc, rw or ro.
    """
    # Without locks SQLite would refuse to read and write; the study's lock allows a single writer.
    unlocked = "" if has_locks(path.parent) else "&nolock=1"
    uri = f"{path.absolute().as_uri()}?mode={mode}{unlocked}"
    connection = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
    if mode != "ro":
        connection.execute("PRAGMA foreign_keys = ON")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database for reading, and first roll back what a killed writer left half done.

    The rollback has to write. If the folder cannot be written, a copy of the file is read instead.
    """
    connection = connect(path, "ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if "readonly" not in str(error):
            raise
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        if writable and has_locks(path.parent):
            connect(path, "rw").execute("SELECT 1 FROM sqlite_master").connection.close()
            return connect(path, "ro")
        return _connect_to_copy(path)
    return connection


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        with suppress(FileNotFoundError):  # the writer is alive, and has finished its transaction
            shutil.copy(path.with_name(f"{path.name}-journal"), folder)
        with closing(connect(Path(folder) / path.name, "rw")) as copied:
            connection = sqlite3.connect(":memory:", isolation_level=None)
            copied.backup(connection)
    return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into errors that name the file and say what to do.

    Raises:
        DiskError: the disk is full, or reading or writing it failed.
        RecordsError: the file is locked, damaged, or cannot be written.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise _explain(path, error) from error


def _explain(path: Path, error: sqlite3.DatabaseError) -> RecordsError:
    text, name = str(error), getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        return DiskError(f"{path}: the disk is full; {mend(path.parent)}")
    if name.startswith("SQLITE_IOERR"):
        return DiskError(
            f"{path}: reading or writing the disk failed ({name}); {mend(path.parent)}"
        )
    if "readonly" in text or ("unable to open" in text and not os.access(path.parent, os.W_OK)):
        return RecordsError(
            f"{path}: cannot be written; check the permissions of the results folder"
        )
    if "locked" in text or "busy" in text:
        return RecordsError(
            f"{path}: another program has kept it locked for over 30 s; close what has it open, "
            "such as a database browser or a notebook, and resume"
        )
    return RecordsError(f"{path}: {damaged(text)}")


def damaged(what: str) -> str:
    """Return the message for a damaged file: `what` is wrong with it, and what can be done."""
    return (
        f"is damaged or not a study ({what}); replace it by a backup, or recover what can be "
        "read with: sqlite3 study.db .recover"
    )
