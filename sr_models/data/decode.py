"""An image file as a photograph to train on: 8-bit RGB, or the reason why it cannot be used."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from sr_models.images.read import read_image

MIN_SIDE = 16  # pixels; icons and tracking pixels teach nothing about photographs


@dataclass(frozen=True)
class DecodedPhotograph:
    """A decoded image: upright, 8-bit RGB, on white where it was transparent."""

    image: Image.Image
    format: str  # as Pillow calls it: "JPEG"
    mode: str  # of the file: "RGB", "CMYK", "I;16"
    grey: bool  # its three channels are equal, because the file has a single channel


def read_photograph(path: Path, box: tuple[int, int, int, int] | None = None) -> DecodedPhotograph:
    """Decode a file, or the part of it in `box` (left, top, right, bottom in pixels).

    Raises:
        Unusable: with the reason.
        Unreadable: the machine failed to read the file, which may be a good image.
    """
    read = read_image(path, min_side=MIN_SIDE)
    rgb = read.picture.on_white()
    return DecodedPhotograph(
        rgb.crop(box) if box else rgb, read.format, read.mode, read.picture.grey
    )
