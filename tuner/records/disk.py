"""Errors of a disk that is full or cannot be written, and the advice that goes with them."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sr_models.errors import UserError, WorkFailedError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
UNUSABLE = FULL | {errno.EIO, errno.EROFS, errno.ESTALE}
"""Errors that neither other settings nor another try can fix."""

MEND = "make room, or mend the disk, then continue with --resume"

STUDY_DB = "study.db"


def mend(folder: Path) -> str:
    """Return the advice for a results folder whose disk is full or broken."""
    begun = os.path.isfile(folder / STUDY_DB)  # unlike Path.is_file it raises nothing
    return MEND if begun else "make room, or mend the disk, then give the same command again"


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn a failure to write into a results folder into an error that says what to do.

    Raises:
        WorkFailedError: the disk is full or broken.
        UserError: the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        text = f"{error.filename or folder} cannot be written: {error.strerror or error}"
        if error.errno in UNUSABLE - {errno.EROFS}:
            raise WorkFailedError(f"{text}; {mend(folder)}") from error
        raise UserError(text) from error


def disk_trouble(error: BaseException) -> str | None:
    """Return what is wrong with the disk ("No space left on device") if it caused `error`.

    The causes and contexts of the error are searched too. None if no disk error is among them.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if (number := _number(cause)) in UNUSABLE:
            return os.strerror(number)
        cause = cause.__cause__ or cause.__context__
    return None


def _number(error: BaseException) -> int:
    """The errno of an error; libraries written in Rust have it in their message only."""
    if isinstance(error, OSError):
        return error.errno or 0
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else 0
