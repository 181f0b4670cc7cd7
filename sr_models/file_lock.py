"""A lock file, for a single process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock of `path`, and wait for it if necessary; a process that dies releases it.

    Yields:
        False if the file system has no locks, like some network file systems. So nothing may depend
            on the lock: it saves a second process the work, and decides which process may clean up.
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
