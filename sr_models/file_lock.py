"""One process at a time, among all that name the same lock file."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock of `path`, waiting for it if need be; a process that dies lets it go.

    Yields:
        False where the file system has no locks, as some network file systems have none. So
        nothing may depend on it: it saves the second process the work, and tells who may tidy up.
    """
    lock = FileLock(path)
    try:
        yield _acquired(lock)
    finally:
        lock.release()


def _acquired(lock: FileLock) -> bool:
    with suppress(OSError, NotImplementedError):
        lock.acquire()
    return lock.is_locked
