"""Decoded photographs on disk, a file each: made once, mapped into memory by all that need them.

A file is named after all that its pixels depend on: the photograph (path, size, time of the last
change) and what was made of it. So a photograph that has changed has another file, one that was
added is decoded alone, and studies that share photographs share files, also by links. Nothing in a
finished file ever changes; it gets its name by a rename, and is there as a whole or not at all.
"""

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import PIL

from sr_models.data.cache_index import pixel_digest
from sr_models.data.paths import cache_root
from sr_models.data.resample import Pixels
from sr_models.data.sources import ImageFile

FORMAT = 2  # to be raised when the same key would come to mean other pixels
HEAD = 256  # bytes before the pixels
_ABANDONED = 3600.0  # seconds after which nobody is writing a file any more


@dataclass(frozen=True)
class Stored:
    """A decoded image on disk."""

    path: str  # not a Path, of which tens of thousands take a second to make
    height: int
    width: int
    grey: bool
    digest: str

    def pixels(self) -> Pixels:
        """(height, width, 3), mapped: only what is looked at is read."""
        shape = (self.height, self.width, 3)
        return np.asarray(np.memmap(self.path, np.uint8, mode="r", offset=HEAD, shape=shape))


def store_root() -> Path:
    """Where all files are."""
    return cache_root() / "photographs"


def stored_path(file: ImageFile, path: Path, made: str) -> Path:
    """Name the file that holds what is `made` of an image.

    Args:
        file: which part of it.
        path: where the photograph is, or its partner in low resolution.
        made: how, in words that are the same for the same pixels.

    Raises:
        OSError: it has gone.
    """
    status = path.stat()
    text = json.dumps(
        [
            FORMAT,
            PIL.__version__,
            os.fsencode(os.path.realpath(path)).hex(),
            file.box,
            status.st_size,
            status.st_mtime_ns,
            made,
        ]
    )
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    return store_root() / key[:2] / f"{key}.rgb"


def read_stored(path: Path) -> Stored | None:
    """Look at a file; None where there is none, or a damaged one."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = json.loads(file.read(HEAD))
        found = Stored(str(path), head["height"], head["width"], head["grey"], head["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if size == HEAD + found.height * found.width * 3 else None


def write_stored(path: Path, pixels: Pixels, *, grey: bool) -> Stored:
    """Write a file under its name.

    Raises:
        OSError: it cannot be written.
    """
    height, width = pixels.shape[:2]
    digest = pixel_digest([pixels])
    head = json.dumps({"height": height, "width": width, "grey": grey, "digest": digest})
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{uuid4().hex}")
    try:
        with part.open("wb") as file:
            file.write(head.encode().ljust(HEAD))
            file.write(np.ascontiguousarray(pixels).data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return Stored(str(path), height, width, grey, digest)


def remove_abandoned() -> None:
    """Remove what killed processes have left half-written."""
    oldest = time.time() - _ABANDONED
    for part in store_root().glob("*/.*"):
        with suppress(OSError):  # it has gone, or may not be removed
            if part.stat().st_mtime < oldest:
                part.unlink()
