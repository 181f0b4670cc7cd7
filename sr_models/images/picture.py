"""An image with all its properties: depth, greyscale, transparency, colour profile."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from sr_models.atomic import write_atomically
from sr_models.images.said_colours import Chunks
from sr_models.images.unusable import Unusable

DEEP = 65535
"""The white value of 16 bits."""


@dataclass(frozen=True)
class Picture:
    """An upright image: (h, w, 3) RGB, or (h, w) grey; 8 bits, or 16 where grey."""

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    alpha: NDArray[np.uint8] | None = None  # (h, w)
    profile: bytes | None = None  # ICC, of the colours as they are
    said_colours: Chunks = ()  # other descriptions of the colours, as PNG chunks

    @property
    def grey(self) -> bool:
        """Whether it has no colours."""
        return self.pixels.ndim == 2

    @property
    def maximum(self) -> int:
        """The value of white."""
        return int(np.iinfo(self.pixels.dtype).max)

    def on_white(self) -> Image.Image:
        """Return the picture on white, in 8-bit RGB, for training.

        Values stay as they are stored, without colour management, like in every common loader of
        training data.

        Raises:
            Unusable: it is wholly transparent.
        """
        if self.alpha is None:
            return Image.fromarray(self._eight_bits()).convert("RGB")
        if not self.alpha.any():
            raise Unusable("fully transparent")
        image = Image.fromarray(self._eight_bits()).convert("RGB")
        image.putalpha(Image.fromarray(self.alpha))
        page = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(page, image).convert("RGB")

    def _eight_bits(self) -> NDArray[np.uint8]:
        if self.pixels.dtype == np.uint8:
            return self.pixels.astype(np.uint8, copy=False)
        return np.round(self.pixels * (255 / DEEP)).astype(np.uint8)


def png(picture: Picture) -> bytes:
    """Encode as PNG; transparent pictures in 8 bits, because Pillow cannot write deeper ones."""
    shallow = picture.alpha is not None and picture.maximum > 255
    image = Image.fromarray(picture._eight_bits() if shallow else picture.pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    content, chunks = BytesIO(), PngImagePlugin.PngInfo()
    for name, said in picture.said_colours:
        chunks.add(name, said)
    image.save(content, "PNG", icc_profile=picture.profile, pnginfo=chunks)
    return content.getvalue()


def write_picture(path: Path, picture: Picture) -> None:
    """Write a PNG, atomically.

    Raises:
        OSError: it cannot be written; an existing file is unchanged.
    """
    write_atomically(path, png(picture))
