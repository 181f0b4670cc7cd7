"""Writing files completely or not at all."""

import hashlib
import os
from pathlib import Path

_MARK = ".part"
_ROOM = 200  # bytes


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file; a crash or a full disk at any moment leaves the old file or the new file.

    Args:
        path: the file.
        content: its new content.
        durable: also survive a power failure, at the cost of waiting some milliseconds for the
            disk.

    Raises:
        OSError: it cannot be written; an existing file is unchanged.
    """
    part = path.with_name(f".{_short(path.name)}.{os.getpid()}{_MARK}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if durable:
        sync_folder(path.parent)


def _short(name: str) -> str:
    """A name that leaves room for a suffix, because file systems allow 255 bytes."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= _ROOM else hashlib.sha256(encoded).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power failure, on systems that can open folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed process has left half-written, in subfolders too."""
    for part in folder.rglob(f".*{_MARK}"):
        part.unlink(missing_ok=True)
