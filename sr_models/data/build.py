"""Decode the images of a listing, in parallel and in order, into the files of a cache."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from sr_models.data.cache_index import (
    ARRAYS,
    FULL,
    CachedImage,
    CacheIndex,
    pixel_digest,
    stamp,
)
from sr_models.data.decode import read_photograph
from sr_models.data.parallel import in_parallel
from sr_models.data.pyramid import make_pyramid
from sr_models.data.reasons import reasons
from sr_models.data.resample import Pixels
from sr_models.data.sources import ImageFile, Listing, Skipped
from sr_models.errors import DataError
from sr_models.images.read import quiet_pillow
from sr_models.images.unusable import Unreadable, Unusable

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig


@dataclass(frozen=True)
class Decoded:
    """An image, ready to be written: x, mid, large, and for `crop` the whole image."""

    entry: CachedImage
    arrays: list[Pixels]


def build_cache(
    folder: Path,
    config: "DataConfig",
    listing: Listing,
    progress: Callable[[int, int], None],
) -> None:
    """Write a whole cache into an empty folder.

    Args:
        folder: the folder.
        config: how each image is processed.
        listing: the images.
        progress: called with how many are decoded, and of how many.

    Raises:
        DataError: no image is usable, or the machine failed to read an image.
    """
    names = [*ARRAYS, FULL] if config.resize == "crop" else [*ARRAYS]
    images: list[CachedImage] = []
    skipped = list(listing.skipped)
    with ExitStack() as stack:
        # Plain writes: on a full disk they fail with an error, but writing to mapped memory would
        # kill the process with a signal.
        files = [stack.enter_context((folder / name).open("wb")) for name in names]
        for result in _decode_all(listing.files, config, progress):
            if isinstance(result, Skipped):
                skipped.append(result)
            else:
                _append(files, result.arrays)
                images.append(result.entry)
        for file in files:
            _flush(file)
    if not images:
        raise DataError(no_usable_image(listing.place, skipped))
    _write_index(folder, config, names, images, skipped)


def no_usable_image(place: str, skipped: Sequence[Skipped]) -> str:
    """Return the message for a place without a usable image."""
    return f"no usable image in {place}{reasons(skipped) or ': it is empty'}"


def _decode_all(
    files: list[ImageFile], config: "DataConfig", progress: Callable[[int, int], None]
) -> Iterator[Decoded | Skipped]:
    """A result for each file, in order; no more than `limit` usable images."""
    total = min(len(files), config.limit or len(files))
    usable = 0
    with quiet_pillow():
        results = in_parallel(lambda file: _decode(file, config), files)
        for done, result in enumerate(results, start=1):
            usable += isinstance(result, Decoded)
            yield result
            progress(done if config.limit is None else usable, total)
            if usable == config.limit:
                return


def _decode(file: ImageFile, config: "DataConfig") -> Decoded | Skipped:
    try:
        image = read_photograph(file.path, file.box).image
        arrays = list(make_pyramid(image, config))
    except Unreadable as reason:
        # Skipping it would hide it from all trials of this cache, even once it can be read again.
        raise DataError(f"{file.path}: {reason}") from reason
    except Unusable as reason:
        return Skipped(file.name, str(reason))
    if config.resize == "crop":
        arrays.append(np.asarray(image))
    entry = CachedImage(
        name=file.name,
        group=file.group,
        digest=pixel_digest(arrays),
        height=image.height,
        width=image.width,
    )
    return Decoded(entry, arrays)


def _append(files: Sequence[BinaryIO], arrays: list[Pixels]) -> None:
    for file, array in zip(files, arrays, strict=True):
        file.write(np.ascontiguousarray(array).data)


def _flush(file: BinaryIO) -> None:
    """Write to the disk, so that no power failure keeps a rename but not the file's content."""
    file.flush()
    os.fsync(file.fileno())


def _write_index(
    folder: Path,
    config: "DataConfig",
    names: list[str],
    images: list[CachedImage],
    skipped: list[Skipped],
) -> None:
    CacheIndex(
        sides=config.sides,
        images=tuple(images),
        skipped=tuple((file.name, file.reason) for file in skipped),
        files={name: stamp(folder / name) for name in names},
    ).save(folder)
