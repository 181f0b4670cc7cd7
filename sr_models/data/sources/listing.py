"""What a source finds: files to decode, and files that it cannot offer."""

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
    """One image of a source: a file, or a tile of it.

    `name` is unique in its source and the same on every machine. Images of one `group` show the
    same scene and stay on the same side of the split.
    """

    name: str
    path: Path
    group: str
    box: tuple[int, int, int, int] | None = None  # left, top, right, bottom in pixels
    low: tuple[tuple[int, Path], ...] = ()  # scale and file of each partner in low resolution


@dataclass(frozen=True)
class Listing:
    """All that a source found, in a fixed order. `place` says where, for messages."""

    place: str
    files: list[ImageFile]
    skipped: list[Skipped]


def readable_name(path: str | Path) -> str:
    """A path as text that can be printed and stored, whatever bytes it is made of."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
