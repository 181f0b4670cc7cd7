"""Folders of images in low and high resolution, matched by their names."""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import model_validator

from sr_models.data.sources.folder import FolderSource
from sr_models.data.sources.listing import ImageFile, Listing, Skipped
from sr_models.errors import DataError
from sr_models.frozen import FrozenConfig
from sr_models.scales import SCALES, Output


class PairedSource(FrozenConfig):
    """Photographs in high resolution, with their low resolution in other folders.

    Files belong together if their paths in the folders are equal except for the suffix and an
    ending such as `x4`, `_x4` or `-LRx4`: `0801.png` and `0801x4.png`, the names of DIV2K. Sizes
    must be exact: images with no partner, with two partners, or with a partner of the wrong size
    are named and left out.
    """

    type: Literal["paired"] = "paired"

    high: Path
    """The folder in high resolution."""

    x2: Path | None = None
    """The folder with half the width and height; with `x4`, `mid` is trained on these files too."""

    x4: Path | None = None
    """The folder with a quarter of the width and height."""

    @model_validator(mode="after")
    def pairs_have_a_low_resolution(self) -> "PairedSource":
        """Check that there is at least one folder of low resolution."""
        if self.x2 is None and self.x4 is None:
            raise ValueError("a paired source needs a folder x2, a folder x4, or both")
        return self

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs that can be trained on the pairs."""
        folders = {"mid": self.x2, "large": self.x4}
        return tuple(output for output in SCALES if folders[output] is not None)

    def list_images(self, side: int) -> Listing:
        """List the images in high resolution that have all their partners."""
        listing = _list(self.high, side, "high")
        others, partners = list(listing.skipped), {}
        misfits: list[Skipped] = []
        high = _by_key(listing, None, misfits)
        for scale, folder in ((2, self.x2), (4, self.x4)):
            if folder is not None:
                low = _list(folder, side, f"x{scale}")
                others += low.skipped
                partners[scale] = _by_key(low, scale, misfits)
        files = []
        for key, file in high.items():
            missing = [scale for scale, found in partners.items() if key not in found]
            if missing:
                reason = f"no partner in {' and '.join(f'x{scale}' for scale in missing)}"
                misfits.append(Skipped(file.name, reason))
                continue
            low_files = tuple((scale, found[key].path) for scale, found in partners.items())
            files.append(replace(file, low=low_files))
        for scale, found in partners.items():
            alone = sorted(found.keys() - high.keys())
            misfits += [
                Skipped(found[key].name, f"x{scale} without a partner in high") for key in alone
            ]
        return Listing(listing.place, files, [*misfits, *others])


def _list(folder: Path, side: int, key: str) -> Listing:
    try:
        return FolderSource(path=folder).list_images(side)
    except DataError as error:
        raise DataError(str(error).replace("data.source.path", f"data.source.{key}", 1)) from error


def _by_key(listing: Listing, scale: int | None, misfits: list[Skipped]) -> dict[str, ImageFile]:
    """The files by the key that pairs them; several files with the same key are misfits."""
    by_key: dict[str, list[ImageFile]] = {}
    for file in listing.files:
        by_key.setdefault(_key(file.name, scale), []).append(file)
    for alike in by_key.values():
        if len(alike) > 1:
            names = " and ".join(file.name for file in alike)
            folder = "high" if scale is None else f"x{scale}"
            misfits += [Skipped(file.name, f"ambiguous: {folder} has {names}") for file in alike]
    return {key: alike[0] for key, alike in by_key.items() if len(alike) == 1}


def _key(name: str, scale: int | None) -> str:
    """The common part of the names of a pair."""
    stem = PurePosixPath(name).with_suffix("").as_posix()
    return stem if scale is None else re.sub(rf"[-_]?(LR|lr)?[-_]?[xX]{scale}$", "", stem)
