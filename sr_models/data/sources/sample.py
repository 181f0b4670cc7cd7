"""Photographs from the wheels of scikit-image and scikit-learn, without a download.

Ten colour photographs are cut into 56 overlapping square tiles of at least 288 px. All tiles of a
photograph are a group, so none of its pixels is in both training and validation. This is a set to
try things with in minutes, too small to judge networks by.
"""

import math
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from sr_models.data.sources.listing import ImageFile, Listing, Skipped
from sr_models.frozen import FrozenConfig

# package, file, width, height. The packages have more pictures, but those are grey, drawn, or
# (motorcycle_right) a second view of a scene that is here.
PHOTOGRAPHS = (
    ("skimage", "data/astronaut.png", 512, 512),
    ("skimage", "data/chelsea.png", 451, 300),
    ("skimage", "data/coffee.png", 600, 400),
    ("skimage", "data/hubble_deep_field.jpg", 1000, 872),
    ("skimage", "data/ihc.png", 512, 512),
    ("skimage", "data/motorcycle_left.png", 741, 500),
    ("skimage", "data/retina.jpg", 1411, 1411),
    ("skimage", "data/rocket.jpg", 640, 427),
    ("sklearn", "datasets/images/china.jpg", 640, 427),
    ("sklearn", "datasets/images/flower.jpg", 640, 427),
)
DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
TILE = 288
TILES_PER_AXIS = (
    3  # at most, so that the few huge pictures do not outweigh the ordinary photographs
)


class SampleSource(FrozenConfig):
    """Tiles of the ten colour photographs that come with scikit-image and scikit-learn."""

    type: Literal["sample"] = "sample"

    def list_images(self, side: int) -> Listing:
        """List all tiles, at least `side` px wide if the photograph allows it."""
        files: list[ImageFile] = []
        skipped: list[Skipped] = []
        for package, file, width, height in PHOTOGRAPHS:
            path = _package_folder(package) / file
            if path.is_file():
                files += _tiles(path, width, height, max(TILE, side))
            else:
                reason = f"not in the installed {DISTRIBUTIONS[package]}"
                skipped.append(Skipped(path.name, reason))
        return Listing("the sample photographs", files, skipped)


def _package_folder(package: str) -> Path:
    # Finding is enough: importing the package would take a second.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return Path(package)
    return Path(spec.origin).parent


def _tiles(path: Path, width: int, height: int, least: int) -> list[ImageFile]:
    columns, rows = _tiles_along(width), _tiles_along(height)
    side = max(least, min(math.ceil(width / columns), math.ceil(height / rows)))
    side = min(side, width, height)
    return [
        _tile(path, left, top, side)
        for top in _starts(height, side, rows)
        for left in _starts(width, side, columns)
    ]


def _tile(path: Path, left: int, top: int, side: int) -> ImageFile:
    name = f"{path.stem}-{top}-{left}"
    return ImageFile(name, path, path.stem, (left, top, left + side, top + side))


def _tiles_along(length: int) -> int:
    return min(max(1, round(length / 240)), TILES_PER_AXIS)


def _starts(length: int, side: int, count: int) -> list[int]:
    """Evenly spaced starts of `count` tiles; the last tile ends at the edge."""
    if count == 1 or length == side:
        return [(length - side) // 2]
    return [round(i * (length - side) / (count - 1)) for i in range(count)]
