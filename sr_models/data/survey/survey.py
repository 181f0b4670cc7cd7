"""What is in a folder of images: number, sizes, formats, and files that are not usable."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sr_models.data.build import no_usable_image
from sr_models.data.decode import read_photograph
from sr_models.data.parallel import in_parallel
from sr_models.data.sources import ImageFile, Listing, Skipped
from sr_models.errors import DataError
from sr_models.images.read import quiet_pillow
from sr_models.images.unusable import Unusable


@dataclass(frozen=True)
class Survey:
    """The usable images of a place, each decoded once, and the files that are not usable."""

    place: str
    files: list[ImageFile]
    sizes: NDArray[np.int64]  # (N, 2): width and height in pixels, upright
    formats: Counter[tuple[str, str]]  # format and mode, as Pillow names them
    skipped: list[Skipped]

    def share_at_least(self, side: int) -> float:
        """Return the fraction of images that are at least `side` px both wide and high."""
        return float((self.sizes.min(axis=1) >= side).mean())

    def statistics(self) -> dict[str, tuple[float, float]]:
        """Return name of a figure -> its value for widths and for heights, in pixels."""
        rows = {
            "mean": self.sizes.mean(axis=0),
            "standard deviation": self.sizes.std(axis=0),
            "minimum": self.sizes.min(axis=0),
            "25 %": np.percentile(self.sizes, 25, axis=0),
            "median": np.percentile(self.sizes, 50, axis=0),
            "75 %": np.percentile(self.sizes, 75, axis=0),
            "maximum": self.sizes.max(axis=0),
        }
        return {name: (float(width), float(height)) for name, (width, height) in rows.items()}


def survey_images(listing: Listing, progress: Callable[[int, int], None]) -> Survey:
    """Decode every file of a listing.

    Args:
        listing: the files.
        progress: called with how many are done, and of how many.

    Raises:
        DataError: none is usable.
    """
    files: list[ImageFile] = []
    sizes: list[tuple[int, int]] = []
    formats: Counter[tuple[str, str]] = Counter()
    skipped = list(listing.skipped)
    with quiet_pillow():
        looks = in_parallel(_look, listing.files)
        for done, (file, look) in enumerate(zip(listing.files, looks, strict=True), start=1):
            progress(done, len(listing.files))
            if isinstance(look, str):
                skipped.append(Skipped(file.name, look))
                continue
            width, height, *kind = look
            files.append(file)
            sizes.append((width, height))
            formats[kind[0], kind[1]] += 1
    if not files:
        raise DataError(no_usable_image(listing.place, skipped))
    return Survey(listing.place, files, np.array(sizes), formats, skipped)


def _look(file: ImageFile) -> tuple[int, int, str, str] | str:
    """Width, height, format and mode of a file, or why it is not usable."""
    try:
        photograph = read_photograph(file.path, file.box)
    except Unusable as reason:
        return str(reason)
    return *photograph.image.size, photograph.format, photograph.mode
