"""One process at a time, among all that name the same lock file."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock of `path`, waiting for it if need be; a process that dies lets it go.

    Yields False where there are no such locks (Windows, some network file systems). So nothing
    may depend on it: it saves the second process the work, and tells who may tidy up.
    """
    with path.open("ab") as file:
        yield _lock(file.fileno())


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ModuleNotFoundError:
        return False
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    return False
