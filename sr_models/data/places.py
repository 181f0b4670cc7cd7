"""All images that a config names, and which of them validate."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sr_models.data.reasons import reasons
from sr_models.data.sources import ImageFile, Listing, Skipped, Source
from sr_models.data.split import validation_indices
from sr_models.errors import DataError

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

TRAIN, VALIDATION = "train/", "validation/"
"""Prefixes of names if training and validation have separate places."""


def list_images(config: "DataConfig") -> Listing:
    """List the images that train and validate, together.

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
    """List a place; errors name its `key`.

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
    """Return which of the usable images validate.

    Args:
        config: the images.
        names: the names of the usable images.
        groups: their groups.
        skipped: the images that are not usable, for messages.

    Raises:
        DataError: one of two places has no usable image.
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
