"""All the images that a config names, and which of them validate."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sr_models.data.reasons import reasons
from sr_models.data.sources import ImageFile, Listing, Skipped, Source
from sr_models.data.split import validation_indices
from sr_models.errors import DataError

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

TRAIN, VALIDATION = "train/", "validation/"
"""What names begin with where training and validation have places of their own."""


def list_images(config: "DataConfig") -> Listing:
    """List what trains and what validates, together.

    Raises:
        DataError: a place does not exist.
    """
    if isinstance(config.validation, float):
        return list_place(config.images, config, "source" if config.train is None else "train")
    train = list_place(config.images, config, "train")
    validation = list_place(config.validation, config, "validation")
    listings = ((TRAIN, train), (VALIDATION, validation))
    return Listing(
        f"{train.place} and {validation.place}",
        [_within(prefix, file) for prefix, listing in listings for file in listing.files],
        [
            Skipped(prefix + file.name, file.reason)
            for prefix, listing in listings
            for file in listing.skipped
        ],
    )


def list_place(source: Source, config: "DataConfig", key: str) -> Listing:
    """List one place; what is wrong with it is told by its `key`.

    Raises:
        DataError: there is no such place.
    """
    try:
        return source.list_images(config.sides[2])
    except DataError as error:
        raise DataError(str(error).replace("data.source", f"data.{key}", 1)) from error


def held_back(
    config: "DataConfig", names: list[str], groups: list[str], skipped: list[Skipped]
) -> list[int]:
    """Tell which of the usable images validate; `skipped` is for messages.

    Raises:
        DataError: of two places, one has no usable image.
    """
    if isinstance(config.validation, float):
        return validation_indices(names, groups, config.validation, config.split_seed)
    found = [index for index, name in enumerate(names) if name.startswith(VALIDATION)]
    for prefix, count in ((TRAIN, len(names) - len(found)), (VALIDATION, len(found))):
        if not count:
            why = reasons([file for file in skipped if file.name.startswith(prefix)])
            raise DataError(f"data.{prefix[:-1]}: no usable image{why or ': it is empty'}")
    return found


def _within(prefix: str, file: ImageFile) -> ImageFile:
    return replace(file, name=prefix + file.name, group=prefix + file.group)
