"""The listing of a source: files to decode, and files that cannot be used."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Skipped:
    """A file that is not used, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class ImageFile:
    """An image of a source: a file, or a tile of a file.

    `name` is unique in its source and the same on every machine. Images of the same `group` show
    the same scene and stay on the same side of the split.
    """

    name: str
    path: Path
    group: str
    box: tuple[int, int, int, int] | None = None  # left, top, right, bottom in pixels
    low: tuple[tuple[int, Path], ...] = ()  # scale and file of each partner in low resolution


@dataclass(frozen=True)
class Listing:
    """All that a source has found, in a fixed order. `place` names the source in messages."""

    place: str
    files: list[ImageFile]
    skipped: list[Skipped]


def readable_name(path: str | Path) -> str:
    """Return a path as text that can be printed and stored, whatever bytes it consists of."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
