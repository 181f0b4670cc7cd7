"""The layout of samples in a file, beyond Pillow's modes."""

from dataclasses import dataclass

from PIL import Image, TiffImagePlugin

from sr_models.images.foreign import RAW_PREVIEW
from sr_models.images.unusable import Unusable

# Tags of TIFF.
_BITS, _PHOTOMETRIC, _PLANAR, _SAMPLE_FORMAT = 258, 262, 284, 339
_SUBFILE_TYPE, _SUB_IFDS, _DNG_VERSION = 254, 330, 50706
_MIN_IS_WHITE, _SEPARATE, _SIGNED, _REDUCED = 0, 2, 2, 1


@dataclass(frozen=True)
class Samples:
    """How numbers become light; to be read before the pixels are loaded."""

    bits: int
    """Bits of a sample in the file; 0 if the format does not say."""
    signed: bool = False
    """Integers that may be negative."""
    white_first: bool = False
    """0 is white, and Pillow does not invert it (it does for 8 bits only)."""
    grey: bool = False
    """Greyscale that Pillow reads as colours."""


def samples_of(image: Image.Image) -> Samples:
    """Return the layout of an open, not yet loaded image.

    Raises:
        Unusable: Pillow would read it wrongly, without an error.
    """
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _of_tiff(image)
    tiles = getattr(image, "tile", None)
    raw = str(tiles[0].args) if tiles else ""
    grey = raw.startswith("LA") and image.mode == "RGBA"
    bits = raw.partition(";")[2].rstrip("BLNS")
    return Samples(int(bits) if bits.isdigit() else 0, grey=grey)


def is_deep(image: Image.Image) -> bool:
    """Return whether it is grey of more than 8 bits, as integers or as floats."""
    return image.mode in ("F", "I") or image.mode.startswith("I;")


def _of_tiff(image: TiffImagePlugin.TiffImageFile) -> Samples:
    reduced = _tag(image, _SUBFILE_TYPE) & _REDUCED
    if _DNG_VERSION in image.tag_v2 or (reduced and _SUB_IFDS in image.tag_v2):
        raise Unusable(RAW_PREVIEW)  # the photograph itself is in a sub-image
    bits, signed = _tag(image, _BITS), _tag(image, _SAMPLE_FORMAT) == _SIGNED
    deep = is_deep(image)
    if bits > 8 and not deep and _tag(image, _PLANAR) == _SEPARATE:
        raise Unusable(f"a TIFF of {bits} bits with its colours in separate planes")
    if signed and not deep:
        raise Unusable("a TIFF of signed bytes: their range is not known")
    white_first = deep and _tag(image, _PHOTOMETRIC, 1) == _MIN_IS_WHITE
    return Samples(bits, signed, white_first)


def _tag(image: TiffImagePlugin.TiffImageFile, number: int, default: int = 0) -> int:
    value = image.tag_v2.get(number, default)
    first = value[0] if isinstance(value, tuple) and value else value
    return first if isinstance(first, int) else default
