"""One feed at a time writes to a tracker's copy of a study."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it; a process that dies lets it go.

    The one before may still be at its last piece of work, when a study is resumed at once after
    its driver was killed. Where a file system has no such locks, there is no waiting.
    """
    with path.open("w") as file:
        with suppress(ImportError, OSError):  # Windows; some network file systems
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
