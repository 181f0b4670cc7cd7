"""An index of the store for a place, so that its photographs open again at once.

A row says for an image to which files of the store it was decoded, or why it cannot be used. The
row is valid while the image has the same size and time of the last change, and those files exist.
So the index is never wrong about a changed image, and losing it only means that each file of the
store has to be opened.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import PIL

from sr_models.atomic import write_atomically
from sr_models.data.paths import cache_root
from sr_models.data.resample import Resample
from sr_models.data.sources import ImageFile, Skipped
from sr_models.data.store import HEAD, Photograph, Stored, store_root

FORMAT = 2  # increase it when the same row would mean something else

Row = list[str]
"""A stamp, and either a reason after a "!" or the files of each scale, as text: tens of thousands
of small lists take longer to read."""


_REASON = "!"


def index_path(place: str, resample: Resample) -> Path:
    """Return the file of the index of a place."""
    key = json.dumps([FORMAT, PIL.__version__, place, resample])
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    return cache_root() / "photographs" / "index" / f"{name}.json"


def stamp_of(file: ImageFile) -> str | None:
    """Return size and time of an image and its partners as they are now; None if any is gone."""
    try:
        status = [os.stat(file.path), *(os.stat(path) for _, path in file.low)]
    except OSError:
        return None
    return " ".join([f"{stat.st_size},{stat.st_mtime_ns}" for stat in status])


class StoreIndex:
    """The rows of a place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root = store_root()
        self._rows: dict[str, Row] = {}
        with suppress(OSError, ValueError):  # there is no index yet, or it is damaged
            rows = json.loads(path.read_bytes())
            self._rows = rows if isinstance(rows, dict) else {}

    def find(self, files: Sequence[ImageFile]) -> list[Photograph | Skipped | None]:
        """Return what is known of each file; None if it must be opened."""
        return [self._find(file) for file in files]

    def save(
        self,
        files: Sequence[ImageFile],
        found: Sequence[tuple[ImageFile, str | None, Photograph | Skipped]],
    ) -> None:
        """Add what was found, and drop what is not among the files any more.

        A full disk is not an error here, because the store itself has all that matters.
        """
        here = {_key(file) for file in files}
        rows = {key: row for key, row in self._rows.items() if key in here}
        rows |= {
            _key(file): _row(stamp, entry) for file, stamp, entry in found if stamp is not None
        }
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(rows).encode(), durable=False)

    def _find(self, file: ImageFile) -> Photograph | Skipped | None:
        stamp, what = self._rows.get(_key(file)) or ("", "")
        if not what or stamp != stamp_of(file):
            return None
        if what.startswith(_REASON):
            return Skipped(file.name, what.removeprefix(_REASON))
        try:
            stored = dict(map(self._stored, what.split(";")))
        except OSError:  # not there any more, or cut short
            return None
        return Photograph(file.name, file.group, stored.pop(1), stored, paired=bool(file.low))

    def _stored(self, text: str) -> tuple[int, Stored]:
        scale, name, height, width, grey, digest = text.split()
        path, sides = f"{self._root}/{name}", (int(height), int(width))
        if os.stat(path).st_size != HEAD + sides[0] * sides[1] * 3:
            raise FileNotFoundError(path)
        return int(scale), Stored(path, *sides, grey == "1", digest)


def _key(file: ImageFile) -> str:
    """The key of an image: its path, its part of the file, its partners."""
    more = "" if file.box is None and not file.low else f"{file.box} {file.low}"
    return f"{file.path}{more}"


def _row(stamp: str, found: Photograph | Skipped) -> Row:
    if isinstance(found, Skipped):
        return [stamp, _REASON + found.reason]
    return [stamp, ";".join(_text(*image) for image in ((1, found.high), *found.low.items()))]


def _text(scale: int, image: Stored) -> str:
    name = "/".join(image.path.split(os.sep)[-2:])
    return f"{scale} {name} {image.height} {image.width} {int(image.grey)} {image.digest}"
