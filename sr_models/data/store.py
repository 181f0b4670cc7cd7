"""Decoded photographs on disk, a file each: made once, mapped into memory by all users.

A file is named after everything that its pixels depend on: the photograph (path, size, time of the
last change) and how it was processed. So a changed photograph has another file, an added photograph
is decoded alone, and studies that share photographs share files, even through links. A finished
file never changes; it gets its name by a rename, and exists completely or not at all.
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

FORMAT = 2  # increase it when the same key would mean other pixels
HEAD = 256  # bytes before the pixels
_ABANDONED = 3600.0  # seconds after which an unfinished file counts as abandoned


@dataclass(frozen=True)
class Stored:
    """A decoded image on disk."""

    path: str  # not a Path, of which tens of thousands take a second to make
    height: int
    width: int
    grey: bool
    digest: str

    def pixels(self) -> Pixels:
        """Return (height, width, 3), mapped: only what is used is read."""
        shape = (self.height, self.width, 3)
        return np.asarray(np.memmap(self.path, np.uint8, mode="r", offset=HEAD, shape=shape))


@dataclass(frozen=True)
class Photograph:
    """A photograph on disk, and its versions at half and a quarter of its size."""

    name: str
    group: str
    high: Stored
    low: dict[int, Stored]  # by scale
    paired: bool = False  # whether the low resolutions are files of their own


def store_root() -> Path:
    """Return the folder of all files."""
    return cache_root() / "photographs"


def stored_path(file: ImageFile, path: Path, made: str) -> Path:
    """Return the file for an image that was processed in some way.

    Args:
        file: the image, or the part of it.
        path: where the photograph is, or its partner in low resolution.
        made: how it was processed, in words that are the same for the same pixels.

    Raises:
        OSError: the photograph is gone.
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
    """Open a file; None if there is none, or it is damaged."""
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
        with suppress(OSError):  # it is gone, or must not be removed
            if part.stat().st_mtime < oldest:
                part.unlink()
