"""Decoded images on disk: made once, mapped into memory by every trial.

A cache is a folder named after everything that its content depends on: the files (path, size, time
of the last change), the settings, the version of Pillow. So a changed file or setting has another
cache, and a finished cache never changes. It is built in a folder beside it and gets its name by a
rename, so it exists completely or not at all.
"""

import hashlib
import json
import logging
import math
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import PIL

from sr_models.data.build import build_cache
from sr_models.data.cache_index import Cache, load_cache
from sr_models.data.paths import cache_root
from sr_models.data.places import list_images
from sr_models.data.sources import ImageFile, Listing
from sr_models.data.split import shuffled
from sr_models.errors import DataError
from sr_models.file_lock import locked

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

FORMAT = 3  # increase it when the same key would mean other pixels
BUILDING = ".building-"

Progress = Callable[[int, int], None]


def open_cache(config: "DataConfig", progress: Progress | None = None) -> Cache:
    """Open the cache of a data set, and build it first if necessary.

    Args:
        config: the images, and how they are processed.
        progress: called with how many are decoded, and of how many.

    Raises:
        DataError: there are no usable images, or there is no space for the decoded images.
    """
    listing = _in_order(list_images(config), config)
    folder = cache_root() / "pyramids" / _key(config, listing)
    cache = load_cache(folder)
    if cache is not None:
        return cache
    try:
        return _build_once(folder, config, listing, progress or _no_progress)
    except OSError as error:
        raise DataError(_no_room(error, len(listing.files), config)) from error


def _build_once(folder: Path, config: "DataConfig", listing: Listing, progress: Progress) -> Cache:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock")) as alone:
        cache = load_cache(folder)  # another process may have built it meanwhile
        if cache is not None:
            return cache
        if alone:
            _remove_leftovers(folder)
        temporary = _beside(folder)
        temporary.mkdir()
        try:
            build_cache(temporary, config, listing, progress)
            _put_in_place(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    cache = load_cache(folder)
    if cache is None:
        raise DataError(f"the cache {folder} was damaged while it was built; try again")
    return cache


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Give a finished cache its name, unless another process has just done so with its own."""
    if folder.exists() and load_cache(folder) is None:
        logging.getLogger(__name__).warning("the cache %s is damaged: it is rebuilt", folder)
        # First rename it, because trials may still be reading from it.
        damaged = folder.rename(_beside(folder))
        shutil.rmtree(damaged, ignore_errors=True)
    try:
        temporary.rename(folder)
    except OSError:
        if load_cache(folder) is None:
            raise


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{BUILDING}{uuid4().hex}")


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left; the lock ensures that none is building this cache."""
    for leftover in folder.parent.glob(folder.name + BUILDING + "*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _in_order(listing: Listing, config: "DataConfig") -> Listing:
    if config.limit is None:
        return listing
    files = shuffled(listing.files, lambda file: file.name, f"limit/{config.split_seed}")
    return Listing(listing.place, files, listing.skipped)


def _key(config: "DataConfig", listing: Listing) -> str:
    settings = config.model_dump(mode="json", include={"size", "resize", "resample", "limit"})
    files = [_identity(file) for file in listing.files]
    skipped = [(file.name, file.reason) for file in listing.skipped]
    text = json.dumps([FORMAT, PIL.__version__, settings, files, skipped])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _identity(file: ImageFile) -> tuple[object, ...]:
    size = time = -1
    with suppress(OSError):  # it is gone since it was listed, which decoding will report
        status = file.path.stat()
        size, time = status.st_size, status.st_mtime_ns
    return os.fsencode(file.path).hex(), file.name, file.group, file.box, size, time


def _no_room(error: OSError, count: int, config: "DataConfig") -> str:
    least = count * 3 * sum(side**2 for side in config.sides) / 1e6
    return (
        f"the decoded images cannot be stored in {cache_root()}: {error.strerror or error}. "
        f"They need {'at least' if config.resize == 'crop' else 'up to'} {math.ceil(least)} MB; "
        f"SR_TUNER_CACHE names another folder"
    )


def _no_progress(done: int, total: int) -> None:
    pass
