"""The photographs of a config with their low resolutions, decoded if they are not yet."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sr_models.data.build import no_usable_image
from sr_models.data.decode import read_photograph
from sr_models.data.parallel import in_parallel
from sr_models.data.paths import cache_root
from sr_models.data.resample import Pixels, Resample, resize_to
from sr_models.data.sources import ImageFile, Listing, Skipped
from sr_models.data.store import (
    Photograph,
    Stored,
    read_stored,
    remove_abandoned,
    stored_path,
    write_stored,
)
from sr_models.data.store_index import StoreIndex, index_path, stamp_of
from sr_models.errors import DataError
from sr_models.file_lock import locked
from sr_models.images.read import quiet_pillow
from sr_models.images.unusable import Unreadable, Unusable

Progress = Callable[[int, int], None]

Found = Photograph | Skipped

WHOLE = "decoded"


@dataclass(frozen=True)
class Photographs:
    """All usable photographs, in the order of their listing."""

    usable: list[Photograph]
    skipped: list[Skipped]


@dataclass(frozen=True)
class _Looked:
    """What was found in a file, and its stamp; None if it has changed meanwhile."""

    file: ImageFile
    stamp: str | None
    found: Found


def open_photographs(
    listing: Listing, resample: Resample, limit: int | None, progress: Progress
) -> Photographs:
    """Open the photographs of a listing, and decode those that are not in the store.

    Only a few are in memory at a time, however many there are.

    Args:
        listing: the files.
        resample: how photographs without partners are shrunk.
        limit: use only the first so many.
        progress: called with how many are open, and of how many.

    Raises:
        DataError: none is usable, the machine failed to read a file, or the disk is full.
    """
    path = index_path(listing.place, resample)
    known = _first(StoreIndex(path).find(listing.files), limit)
    if None in known:
        opened = _decoded(listing.files, path, resample, limit, progress)
    else:
        opened = [entry for entry in known if entry is not None]
        progress(len(opened), len(opened))
    usable = [entry for entry in opened if isinstance(entry, Photograph)]
    skipped = [*listing.skipped, *(entry for entry in opened if isinstance(entry, Skipped))]
    if not usable:
        raise DataError(no_usable_image(listing.place, skipped))
    return Photographs(usable, skipped)


def _decoded(
    files: Sequence[ImageFile], path: Path, resample: Resample, limit: int | None, report: Progress
) -> list[Found]:
    """Open all and write the index; other processes wait, because they would decode the same."""
    work = partial(_looked_at, resample=resample)
    total, usable = min(len(files), limit or len(files)), 0
    new = []
    try:
        with locked(_lock(path, limit)), quiet_pillow():
            remove_abandoned()
            index = StoreIndex(path)  # the previous holder of the lock may have written it
            for result in in_parallel(work, zip(files, index.find(files), strict=True)):
                new.append(result)
                usable += isinstance(result.found, Photograph)
                report(len(new) if limit is None else usable, total)
                if usable == limit:
                    break
            index.save(files, [(result.file, result.stamp, result.found) for result in new])
    except OSError as error:
        raise DataError(
            f"the decoded images cannot be stored in {cache_root()}: {error.strerror or error}. "
            "They need 4 bytes per pixel of the photographs; SR_TUNER_CACHE names another folder"
        ) from error
    return [result.found for result in new]


def _lock(path: Path, limit: int | None) -> Path:
    """The lock for a limit: a process that needs few images need not wait until all are decoded."""
    with suppress(OSError):  # reported by decoding, if it has to write
        path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.stem}{'' if limit is None else f'-{limit}'}.lock")


def _first(found: Sequence[Found | None], limit: int | None) -> list[Found | None]:
    """The results up to the last that can be among the first `limit` usable photographs."""
    usable = 0
    for end, entry in enumerate(found, start=1):
        usable += not isinstance(entry, Skipped)
        if usable == limit:
            return list(found[:end])
    return list(found)


def _looked_at(pair: tuple[ImageFile, Found | None], resample: Resample) -> _Looked:
    file, known = pair
    before = stamp_of(file)
    found = known or _open(file, resample)
    return _Looked(file, before if before == stamp_of(file) else None, found)


def _open(file: ImageFile, resample: Resample) -> Photograph | Skipped:
    try:
        high = _high(file)
        low = dict(_partners(file, high) if file.low else _shrunk(file, high, resample))
    except FileNotFoundError:
        if stamp_of(file) is not None:  # then the store cannot be written
            raise
        return Skipped(file.name, "is gone since it was listed")
    except Unreadable as reason:
        # Skipping it would hide it from all trials of the study, even once it can be read again.
        raise DataError(f"{file.path}: {reason}") from reason
    except Unusable as reason:
        return Skipped(file.name, str(reason))
    return Photograph(file.name, file.group, high, low, paired=bool(file.low))


def _high(file: ImageFile) -> Stored:
    path = stored_path(file, file.path, WHOLE)
    return read_stored(path) or _decode(file, file.path, path)


def _decode(file: ImageFile, source: Path, path: Path) -> Stored:
    photograph = read_photograph(source, file.box)
    return write_stored(path, np.asarray(photograph.image), grey=photograph.grey)


def _partners(file: ImageFile, high: Stored) -> Iterator[tuple[int, Stored]]:
    for scale, source in file.low:
        path = stored_path(file, source, WHOLE)
        low = read_stored(path) or _decode(file, source, path)
        if (low.height, low.width) != (high.height // scale, high.width // scale):
            raise Unusable(
                f"{high.width} x {high.height}, and its partner in x{scale} is {low.width} x "
                f"{low.height} instead of {high.width // scale} x {high.height // scale}"
            )
        yield scale, low


def _shrunk(file: ImageFile, high: Stored, resample: Resample) -> Iterator[tuple[int, Stored]]:
    for scale in (2, 4):
        path = stored_path(file, file.path, f"{resample} 1/{scale}")
        low = read_stored(path)
        if low is None:
            low = write_stored(path, shrink_whole(high.pixels(), scale, resample), grey=high.grey)
        yield scale, low


def shrink_whole(pixels: Pixels, scale: int, resample: Resample) -> Pixels:
    """Shrink a whole image, after cropping it to a multiple of the scale."""
    height, width = pixels.shape[0] // scale, pixels.shape[1] // scale
    return resize_to(pixels[: height * scale, : width * scale], height, width, resample)
