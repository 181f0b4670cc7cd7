"""Images as people keep them, to be enlarged and kept again: grey, 16 bits, transparent, turned."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from sr_models.atomic import write_atomically
from sr_models.data.colour import to_rgb
from sr_models.data.decode import FORMATS, MAX_PIXELS
from sr_models.data.unusable import Unusable

_SIXTEEN_BITS = ("I", "I;16", "I;16L", "I;16B", "I;16N")
_GREY = ("1", "L", "LA", "La")
_OTHER_SPACES = ("CMYK", "LAB", "F")
_MAX_16_BITS = 65535


@dataclass(frozen=True)
class Picture:
    """An upright image: (h, w, 3) RGB, or (h, w) grey."""

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    alpha: NDArray[np.uint8] | None = None  # (h, w)
    profile: bytes | None = None  # ICC, of the colours as they are

    @property
    def grey(self) -> bool:
        """Whether it has no colours."""
        return self.pixels.ndim == 2

    @property
    def maximum(self) -> int:
        """The value of white."""
        return int(np.iinfo(self.pixels.dtype).max)


def read_picture(path: Path) -> Picture:
    """Decode a file: of an animation the first frame, turned as its EXIF orientation says.

    Greyscale of 16 bits keeps them; Pillow reads colours in 8 bits only. CMYK and Lab become sRGB.
    Raises `Unusable` with the reason.
    """
    with _reasons(path), Image.open(path, formats=_formats()) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Unusable(f"too large: {image.width} x {image.height}, over {MAX_PIXELS:,} pixels")
        image.load()
        return _picture(_upright(image))


def png(picture: Picture) -> bytes:
    """Encode as PNG; of 16 bits only greyscale."""
    image = Image.fromarray(picture.pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    content = BytesIO()
    image.save(content, "PNG", icc_profile=picture.profile)
    return content.getvalue()


def write_picture(path: Path, picture: Picture) -> None:
    """Write a PNG, atomically."""
    write_atomically(path, png(picture))


def _picture(image: Image.Image) -> Picture:
    if image.mode in _SIXTEEN_BITS:
        return Picture(_sixteen_bits(image))
    if image.mode in _OTHER_SPACES:
        return Picture(np.array(to_rgb(image)))
    colours = "L" if image.mode in _GREY else "RGB"
    alpha = np.array(image.convert("RGBA"))[..., 3] if image.has_transparency_data else None
    # Through RGBA: a palette's transparent entries have colours that a direct way would mix in.
    opaque = image.convert("RGBA") if image.mode in ("P", "PA") else image
    return Picture(np.array(opaque.convert(colours)), alpha, image.info.get("icc_profile"))


def _sixteen_bits(image: Image.Image) -> NDArray[np.uint16]:
    values = np.asarray(image)
    if values.min() < 0 or values.max() > _MAX_16_BITS:
        raise Unusable(f"values from {values.min()} to {values.max()} do not fit 16 bits")
    return values.astype(np.uint16)


def _formats() -> list[str]:
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - broken EXIF says nothing about the pixels
        return image


@contextmanager
def _reasons(path: Path) -> Iterator[None]:
    try:
        yield
    except Unusable:
        raise
    except UnidentifiedImageError:
        raise Unusable("not an image of a known format, or its header is broken") from None
    except Image.DecompressionBombError:
        raise Unusable(f"too large: more than {MAX_PIXELS:,} pixels") from None
    except OSError as error:
        raise Unusable(error.strerror or f"broken: {error}") from error
    except Exception as error:  # on broken bytes Pillow's decoders raise anything
        raise Unusable(f"broken: {error}") from error
