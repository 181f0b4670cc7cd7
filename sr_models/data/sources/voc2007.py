"""PASCAL VOC 2007 trainval: 5,011 photographs, the size of the report's data set."""

from http.client import HTTPException
from pathlib import Path
from tarfile import TarError
from typing import Literal

from sr_models.data.paths import absolute_path, cache_root
from sr_models.data.sources.listing import ImageFile, Listing
from sr_models.errors import DataError
from sr_models.file_lock import locked
from sr_models.frozen import FrozenConfig

URL = "http://host.robots.ox.ac.uk/pascal/VOC/voc2007/"
TRAINVAL = Path("ImageSets", "Main", "trainval.txt")
# A given root may be the parent of VOCdevkit (as torchvision makes it), VOCdevkit or VOC2007.
PLACES = (Path("VOCdevkit", "VOC2007"), Path("VOC2007"), Path())


class Voc2007Source(FrozenConfig):
    """The trainval images of PASCAL VOC 2007, found under a folder or downloaded to it."""

    type: Literal["voc2007"] = "voc2007"
    root: Path | None = None
    """Folder that holds (or will hold) `VOCdevkit`; by default a folder of the cache."""
    download: bool = False
    """Download 440 MB when the images are not there; torchvision checks the checksum."""

    def list_images(self, side: int) -> Listing:
        """List the images of trainval, in the order of its list.

        Raises:
            DataError: the images are missing, or cannot be downloaded; it says how to get them.
        """
        root = self._root()
        missing = _missing(root)
        if missing and self.download:
            _download(root)
            missing = _missing(root)
        if missing:
            raise DataError(_how_to_get(root, missing))
        files = [ImageFile(path.name, path, path.name) for path in _images(root)]
        return Listing(f"VOC 2007 trainval in {root}", files, [])

    def _root(self) -> Path:
        return cache_root() / "voc2007" if self.root is None else absolute_path(self.root)


def _images(root: Path) -> list[Path]:
    """The paths of all trainval images; empty if their list is missing."""
    for place in PLACES:
        listing = root / place / TRAINVAL
        if listing.is_file():
            names = listing.read_text(encoding="utf-8").split()
            return [root / place / "JPEGImages" / f"{name}.jpg" for name in names]
    return []


def _missing(root: Path) -> str:
    """What is missing, in words; empty when all images are there."""
    images = _images(root)
    if not images:
        return "no VOCdevkit/VOC2007"
    absent = sum(not image.is_file() for image in images)
    return f"{absent} of the {len(images)} images missing" if absent else ""


def _download(root: Path) -> None:
    """Download and unpack, only once even if several processes start together."""
    from torchvision.datasets import VOCDetection

    try:
        root.mkdir(parents=True, exist_ok=True)
        with locked(root / ".download.lock"):
            if _missing(root):
                VOCDetection(str(root), year="2007", image_set="trainval", download=True)
    except (OSError, RuntimeError, HTTPException, TarError) as error:
        raise DataError(f"VOC 2007 cannot be downloaded from {URL} to {root}: {error}") from error


def _how_to_get(root: Path, missing: str) -> str:
    return (
        f"data.source: {missing} in {root}. Set data.source.download=true to download VOC 2007 "
        f"there (440 MB), or unpack VOCtrainval_06-Nov-2007.tar from {URL} and set "
        f"data.source.root to the folder that holds VOCdevkit"
    )
