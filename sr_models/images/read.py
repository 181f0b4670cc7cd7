"""Reading an image file, however odd, as a picture, or finding the reason why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from sr_models.images.colour import OTHER_SPACES, to_srgb
from sr_models.images.deep import deep_grey
from sr_models.images.foreign import LONGEST, TIFF, foreign_kind
from sr_models.images.orientation import upright
from sr_models.images.picture import Picture
from sr_models.images.said_colours import Chunks, avif_colours, colour_chunks
from sr_models.images.samples import Samples, is_deep, samples_of
from sr_models.images.unusable import Unreadable, Unusable

# Formats of photographs that begin with a signature of their own. Pillow's other readers would
# take some text and binary files for images, or start external programs (EPS).
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP", "GIF", "JPEG2000", "MPO", "PPM", "QOI")
MAX_PIXELS = 89_478_485  # Pillow's own threshold for a decompression bomb: 256 MiB of RGB
MAX_TEXT = 64 * 2**20  # bytes of a text in a PNG; Pillow refuses an image for more than 1 MiB

_GREY = ("1", "L", "LA")


@dataclass(frozen=True)
class ImageRead:
    """A decoded file."""

    picture: Picture
    format: str  # as Pillow calls it: "JPEG"
    mode: str  # of the file: "RGB", "CMYK", "I;16"


def read_image(path: Path, *, min_side: int = 1) -> ImageRead:
    """Decode a file: the first frame of an animation, turned as its EXIF orientation says.

    Greyscale stays grey, and keeps 16 bits if it is opaque; colours have 8 bits. CMYK and Lab
    become sRGB; other colours keep the profile of the file. Alpha is separate from the colours,
    even if the file has multiplied them.

    Args:
        path: the file; its name does not matter.
        min_side: in pixels; smaller images are refused before they are decoded.

    Raises:
        Unusable: with the reason.
        Unreadable: the machine failed to read the file, which may be a good image.
    """
    try:
        with path.open("rb") as file, Image.open(file, formats=_formats()) as image:
            chunks: Chunks = ()
            if image.format == "PNG":
                _check_png(path)
                chunks = colour_chunks(path)
            if image.format == "AVIF":
                chunks = avif_colours(path)
            if image.format == "TIFF" and (kind := foreign_kind(_beginning(path))):
                raise Unusable(kind)
            return _decoded(image, min_side, chunks)
    except UnidentifiedImageError:
        raise Unusable(_unidentified(path)) from None
    except Image.DecompressionBombError:
        raise Unusable(f"too large: more than {MAX_PIXELS:,} pixels") from None
    except Unusable:
        raise
    except MemoryError as error:
        raise Unreadable("cannot be read: out of memory") from error
    except Exception as error:  # Pillow's decoders may raise anything for damaged files
        if isinstance(error, OSError) and error.errno:  # from the system, not from Pillow
            raise Unreadable(f"cannot be read: {error.strerror}") from error
        raise Unusable(_first_line(error)) from error


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Keep Pillow's warnings about odd files off the terminal: each file has its own verdict.

    The filters belong to the process, so use this around a pool of threads, not inside.
    """
    Image.init()
    with catch_warnings():
        simplefilter("ignore", UserWarning)
        simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def known_suffixes() -> frozenset[str]:
    """Return the usual suffixes of images that can be read, such as `.jpg`, in lower case."""
    formats = _formats()
    return frozenset(
        suffix for suffix, name in Image.registered_extensions().items() if name in formats
    )


def _formats() -> list[str]:
    """The formats in `FORMATS` that this Pillow supports."""
    Image.init()
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_TEXT
    return [name for name in FORMATS if name in Image.OPEN]


def frame_count(path: Path) -> int:
    """Return how many frames a readable file has; 1 if the others are previews of the first."""
    with path.open("rb") as file, Image.open(file, formats=_formats()) as image:
        try:
            return 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        except Exception:  # noqa: BLE001 - the first frame is complete, whatever is wrong with the others
            return 1


def _decoded(image: Image.Image, min_side: int, chunks: Chunks) -> ImageRead:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Unusable(f"too large: {width} x {height}, more than {MAX_PIXELS:,} pixels")
    if min(width, height) < min_side:
        raise Unusable(f"tiny: {width} x {height}, less than {min_side} px")
    file_format, mode = image.format or "unknown", image.mode
    samples = samples_of(image)
    image.load()
    picture = replace(_picture(image, samples), said_colours=chunks)
    return ImageRead(upright(picture, image), file_format, mode)


def _picture(image: Image.Image, samples: Samples) -> Picture:
    """The picture from a loaded image."""
    if image.mode in OTHER_SPACES:
        return Picture(np.array(to_srgb(image)))
    profile = image.info.get("icc_profile")
    if is_deep(image):
        values = np.asarray(image)
        return Picture(deep_grey(values, samples), _deep_alpha(values, image), profile)
    image = _simple(image, samples)
    alpha = np.array(image.convert("RGBA"))[..., 3] if image.has_transparency_data else None
    if alpha is not None and image.format == "BMP" and not alpha.any():
        alpha = None  # programs leave 0 there, and viewers show the colours
    # Through RGBA, because a palette's transparent entries have colours that would be mixed in.
    opaque = image.convert("RGBA") if image.mode in ("P", "PA") else image
    colours = "L" if image.mode in _GREY or samples.grey else "RGB"
    # Grey that was read as colours has equal channels, but their weighted sum may differ.
    pixels = opaque.getchannel("R") if samples.grey else opaque.convert(colours)
    return Picture(np.array(pixels), alpha, profile)


def _simple(image: Image.Image, samples: Samples) -> Image.Image:
    """The image without what Pillow cannot convert, or converts wrongly."""
    if image.mode == "La":  # multiplied by its alpha; Pillow has no other conversion
        return image.convert("LA")
    transparent = image.info.get("transparency")
    # A PNG's transparent value has the file's bits; Pillow's pixels always have 8.
    if samples.bits == 16 and isinstance(transparent, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    if samples.bits in (2, 4) and image.mode == "L" and isinstance(transparent, int):
        image.info["transparency"] = transparent * (255 // (2**samples.bits - 1))
    return image


def _deep_alpha(values: NDArray[Any], image: Image.Image) -> NDArray[np.uint8] | None:
    """The alpha from the single value that a PNG may declare transparent."""
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return None
    return np.where(values == transparent, 0, 255).astype(np.uint8)


def _unidentified(path: Path) -> str:
    beginning = _beginning(path)
    if kind := foreign_kind(beginning):
        return kind
    if beginning.startswith(TIFF):
        return "a kind of TIFF that cannot be read (8 or 16 bits can), or a damaged file"
    return "not an image of a known format, or its header is damaged"


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0] if lines[0].startswith("broken") else f"broken: {lines[0]}"


def _check_png(path: Path) -> None:
    """Check a PNG's checksums: decoding does not, and turns damaged data into black pixels."""
    with Image.open(path, formats=["PNG"]) as image:
        image.verify()
