"""The lock that lets only one process at a time run a study."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from sr_models.errors import UserError
from tuner.records.disk import explained

try:
    import fcntl
except ImportError:  # Windows, whose file systems all have locks
    fcntl = None  # type: ignore[assignment]

FILE_NAME = "study.lock"


def has_locks(folder: Path) -> bool:
    """Return whether the file system of a study supports the locks that SQLite needs.

    The lock file is tested, which every study has from its start; testing study.db would drop
    SQLite's own locks. If it cannot be tested, locks are assumed to work.
    """
    try:
        file = (folder / FILE_NAME).open("rb")
    except OSError:
        return True
    with file:
        return fcntl is None or _knows_locks(file.fileno())


def _knows_locks(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # held by another process
        return True
    except OSError:
        return False
    fcntl.lockf(descriptor, fcntl.LOCK_UN)
    return True


@contextmanager
def lock_study(folder: Path) -> Iterator[None]:
    """Hold the lock of a study; the operating system releases it even if the process is killed.

    On a file system without locks, the lock file names the host and process that hold it. If that
    process was on this host and is dead, the lock is taken over.

    Raises:
        UserError: another process holds the lock, or the folder cannot be written.
    """
    path = folder / FILE_NAME
    with explained(folder):
        path.touch()
    lock = FileLock(path, timeout=0)
    try:
        if not _acquired(lock):
            _stand_in(path)
        with explained(folder):
            path.write_text(f"{platform.node()} {os.getpid()}\n", encoding="utf-8")
        try:
            yield
        finally:
            os.truncate(path, 0)
    finally:
        lock.release()


def is_abandoned(folder: Path) -> bool:
    """Return whether the process that ran a study last was on this host and has been killed.

    A run that ends by itself leaves no name.
    """
    try:
        owner = _owner(folder / FILE_NAME)
    except OSError:
        return False
    return owner is not None and owner[1] != os.getpid() and _dead(*owner)


def _acquired(lock: FileLock) -> bool:
    """Take the lock; False if the file system has no locks."""
    try:
        lock.acquire()
    except Timeout:
        raise UserError(_busy(Path(lock.lock_file))) from None
    except (OSError, NotImplementedError):
        return False
    return True


def _stand_in(path: Path) -> None:
    owner = _owner(path)
    if owner is not None and not _dead(*owner):
        raise UserError(f"{_busy(path)}. If it has died, delete {path}")


def _owner(path: Path) -> tuple[str, int] | None:
    words = path.read_text(encoding="utf-8").split()
    return (words[0], int(words[1])) if len(words) == 2 else None


def _dead(host: str, process: int) -> bool:
    """Whether the process is known to be gone. Processes of another host are assumed to live."""
    if host != platform.node():
        return False
    return process == os.getpid() or not psutil.pid_exists(process)


def _busy(path: Path) -> str:
    owner = _owner(path)
    who = f" (process {owner[1]} on {owner[0]})" if owner else ""
    return (
        f"{path.parent} is being run by another process{who}; watch it with "
        "`python -m tuner.dashboard`, or give this run another --name"
    )
