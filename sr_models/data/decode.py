"""One image file, however odd, as RGB pixels or as a reason why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps, UnidentifiedImageError

from sr_models.data.colour import to_rgb
from sr_models.data.unusable import Unreadable, Unusable

# Formats of photographs that begin with a signature of their own. Pillow's other readers would
# take some text and binary files for images, or start external programs (EPS).
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP", "GIF", "JPEG2000", "MPO", "PPM", "QOI")
MIN_SIDE = 16  # pixels; icons and tracking pixels teach nothing about photographs
MAX_PIXELS = 89_478_485  # Pillow's own threshold for a decompression bomb: 256 MiB of RGB


@dataclass(frozen=True)
class Photograph:
    """A decoded image: upright, 8-bit RGB."""

    image: Image.Image
    format: str  # as Pillow calls it: "JPEG"
    mode: str  # of the file: "RGB", "CMYK", "I;16"


def read_photograph(path: Path, box: tuple[int, int, int, int] | None = None) -> Photograph:
    """Decode a file, or the part of it in `box`; raises `Unusable` or `Unreadable` with the reason.

    An animation gives its first frame; an EXIF orientation is applied.
    """
    try:
        with path.open("rb") as file, Image.open(file, formats=_formats()) as image:
            if image.format == "PNG":
                _check_png(path)
            return _decode(image, box)
    except UnidentifiedImageError:
        raise Unusable("not an image of a known format, or its header is broken") from None
    except Image.DecompressionBombError:
        raise Unusable(f"too large: more than {MAX_PIXELS:,} pixels") from None
    except Unusable:
        raise
    except MemoryError as error:
        raise Unreadable("cannot be read: out of memory") from error
    except Exception as error:  # on broken bytes Pillow's decoders raise anything
        if isinstance(error, OSError) and error.errno:  # from the system, not from Pillow
            raise Unreadable(f"cannot be read: {error.strerror}") from error
        raise Unusable(_first_line(error)) from error


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Keep Pillow's warnings about odd files off the terminal: each file has its own verdict.

    The filters belong to the process, so this goes around a pool of threads, not into it.
    """
    Image.init()
    with catch_warnings():
        simplefilter("ignore", UserWarning)
        simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _formats() -> list[str]:
    """Those of `FORMATS` that this Pillow was built with."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _decode(image: Image.Image, box: tuple[int, int, int, int] | None) -> Photograph:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Unusable(f"too large: {width} x {height}, more than {MAX_PIXELS:,} pixels")
    if min(width, height) < MIN_SIDE:
        raise Unusable(f"tiny: {width} x {height}, less than {MIN_SIDE} px")
    file_format, mode = image.format or "unknown", image.mode
    image.load()
    rgb = to_rgb(_upright(image))
    return Photograph(rgb.crop(box) if box else rgb, file_format, mode)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0] if lines[0].startswith("broken") else f"broken: {lines[0]}"


def _check_png(path: Path) -> None:
    """Compare a PNG's checksums: decoding does not, and turns damaged data into black pixels."""
    with Image.open(path, formats=["PNG"]) as image:
        image.verify()


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - broken EXIF says nothing about the pixels
        return image
