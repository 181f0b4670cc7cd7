"""The table of contents of a cache of decoded images, and whether the cache is intact."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from sr_models.data.resample import Pixels
from sr_models.frozen import FrozenConfig

INDEX = "index.json"
ARRAYS = ("x", "mid", "large")
FULL = "full"  # whole images, one after the other, from which `crop` takes patches


class CachedImage(FrozenConfig):
    """An image of the cache, in the order of its arrays."""

    name: str
    group: str
    digest: str  # of all its pixels
    height: int  # of the whole image
    width: int


class FileStamp(FrozenConfig):
    """Size and time of a file when the cache was built."""

    size: int
    mtime_ns: int


class CacheIndex(FrozenConfig):
    """Written last, with its own checksum in the first line."""

    sides: tuple[int, int, int]
    images: tuple[CachedImage, ...]
    skipped: tuple[tuple[str, str], ...]  # name, reason
    files: dict[str, FileStamp]

    def save(self, folder: Path) -> None:
        """Write it to the folder of the arrays."""
        text = self.model_dump_json()
        (folder / INDEX).write_text(f"{_digest(text)}\n{text}", encoding="utf-8")


@dataclass(frozen=True)
class Cache:
    """Decoded images on disk, mapped into memory when they are first used."""

    folder: Path
    index: CacheIndex

    @cached_property
    def pyramids(self) -> tuple[Pixels, Pixels, Pixels]:
        """x, mid and large of all images: (N, side, side, 3) each."""
        x, mid, large = (
            self._map(name).reshape(-1, side, side, 3)
            for name, side in zip(ARRAYS, self.index.sides, strict=True)
        )
        return x, mid, large

    def full(self, number: int) -> Pixels:
        """Return the whole image, (height, width, 3); only in a cache for `crop`."""
        image = self.index.images[number]
        start, end = self._ends[number : number + 2]
        return self._full[start:end].reshape(image.height, image.width, 3)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """(N, 2): height and width of the whole images in pixels."""
        return np.array([(image.height, image.width) for image in self.index.images])

    @cached_property
    def _full(self) -> Pixels:
        return self._map(FULL)

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        sizes = [image.height * image.width * 3 for image in self.index.images]
        return np.cumsum([0, *sizes], dtype=np.int64)

    def _map(self, name: str) -> Pixels:
        return np.asarray(np.memmap(self.folder / name, np.uint8, mode="r"))

    def is_intact(self) -> bool:
        """Return whether its files are unchanged: by size and time, or else by content."""
        try:
            now = {name: stamp(self.folder / name) for name in self.index.files}
        except OSError:
            return False
        if now == self.index.files:
            return True
        sizes = {name: file.size for name, file in self.index.files.items()}
        return sizes == {name: file.size for name, file in now.items()} and self._digests_match()

    def _digests_match(self) -> bool:
        has_full = FULL in self.index.files
        for number, image in enumerate(self.index.images):
            arrays = [array[number] for array in self.pyramids]
            arrays += [self.full(number)] if has_full else []
            if pixel_digest(arrays) != image.digest:
                return False
        return True


def load_cache(folder: Path) -> Cache | None:
    """Return the cache in a folder; None if there is none, or it is damaged."""
    try:
        checksum, text = (folder / INDEX).read_text(encoding="utf-8").split("\n", 1)
        index = CacheIndex.model_validate_json(text)
    except (OSError, ValueError, ValidationError):
        return None
    cache = Cache(folder, index)
    return cache if checksum == _digest(text) and cache.is_intact() else None


def stamp(path: Path) -> FileStamp:
    """Return size and time of a file as it is now."""
    status = path.stat()
    return FileStamp(size=status.st_size, mtime_ns=status.st_mtime_ns)


def pixel_digest(arrays: list[Pixels]) -> str:
    """Return a checksum of the pixels of an image."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
