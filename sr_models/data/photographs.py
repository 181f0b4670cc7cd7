"""The photographs of a config, each with its low resolutions, decoded where they are not yet."""

from collections.abc import Callable, Iterator
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
from sr_models.data.store import Stored, read_stored, stored_path, write_stored
from sr_models.errors import DataError
from sr_models.images.read import quiet_pillow
from sr_models.images.unusable import Unreadable, Unusable

Progress = Callable[[int, int], None]

WHOLE = "decoded"


@dataclass(frozen=True)
class Photograph:
    """One photograph, and what it is at a half and a quarter of its size."""

    name: str
    group: str
    high: Stored
    low: dict[int, Stored]  # by scale
    paired: bool = False  # whether those are photographs too


@dataclass(frozen=True)
class Photographs:
    """All that are usable, in the order of their listing."""

    usable: list[Photograph]
    skipped: list[Skipped]


def open_photographs(
    listing: Listing, resample: Resample, limit: int | None, progress: Progress
) -> Photographs:
    """Open the photographs of a listing; those that are not in the store are decoded first.

    A few are in memory at a time, however many there are.

    Args:
        listing: which.
        resample: how those without partners are shrunk.
        limit: use the first so many.
        progress: called with how many are open, of how many.

    Raises:
        DataError: none is usable, the machine failed to read one, or the disk is full.
    """
    usable: list[Photograph] = []
    skipped = list(listing.skipped)
    total = min(len(listing.files), limit or len(listing.files))
    try:
        with quiet_pillow():
            opened = in_parallel(partial(_open, resample=resample), listing.files)
            for done, found in enumerate(opened, start=1):
                (skipped if isinstance(found, Skipped) else usable).append(found)  # type: ignore[arg-type]
                progress(done if limit is None else len(usable), total)
                if len(usable) == limit:
                    break
    except OSError as error:
        raise DataError(
            f"the decoded images cannot be kept in {cache_root()}: {error.strerror or error}. "
            "They need 4 bytes a pixel of the photographs; SR_TUNER_CACHE names another folder"
        ) from error
    if not usable:
        raise DataError(no_usable_image(listing.place, skipped))
    return Photographs(usable, skipped)


def _open(file: ImageFile, resample: Resample) -> Photograph | Skipped:
    try:
        high = _high(file)
        low = dict(_partners(file, high) if file.low else _shrunk(file, high, resample))
    except FileNotFoundError:
        return Skipped(file.name, "has gone since it was listed")
    except Unreadable as reason:
        # Skipping it would hide it from all trials of the study, also when it can be read again.
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
    """Shrink a whole image, cropped to a multiple of the scale before."""
    height, width = pixels.shape[0] // scale, pixels.shape[1] // scale
    return resize_to(pixels[: height * scale, : width * scale], height, width, resample)
