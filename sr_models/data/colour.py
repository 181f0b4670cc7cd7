"""Any pixel format that Pillow knows, as 8-bit RGB."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from sr_models.data.unusable import Unusable


def to_rgb(image: Image.Image) -> Image.Image:
    """The image as 8-bit RGB; transparent parts become white, as on a page.

    RGB values stay as they are stored, without colour management, as every common loader of
    training data leaves them. Raises `Unusable` where nobody can know what the numbers mean.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return _from_wide_numbers(image)
    if image.mode in ("CMYK", "LAB"):
        return _from_other_space(image)
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.getchannel("A").getextrema() == (0, 0):
        raise Unusable("fully transparent")
    page = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(page, image).convert("RGB")


def _from_wide_numbers(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits: integers span 16 bits, floats [0, 1] or [0, 255].

    Pillow's own conversion would cut off at 255 and make most such images white.
    """
    with np.errstate(invalid="ignore"):  # broken files hold odd floats; the range tells
        grey = np.asarray(image).astype(np.float64)
    low, high = grey.min(), grey.max()
    limits = (1.0, 255.0) if image.mode == "F" else (65535.0,)
    limit = next((limit for limit in limits if low >= 0 and high <= limit), None)
    if limit is None:
        raise Unusable(f"values from {low:g} to {high:g}: their range is not known")
    return Image.fromarray(np.round(grey * (255 / limit)).astype(np.uint8)).convert("RGB")


def _from_other_space(image: Image.Image) -> Image.Image:
    """CMYK and Lab to sRGB; CMYK by its own profile of the inks, where it has a usable one."""
    try:
        return _managed(image)
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")


def _managed(image: Image.Image) -> Image.Image:
    if image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    elif "icc_profile" in image.info:
        source = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
    else:
        return image.convert("RGB")
    converted = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None  # only an in-place conversion returns nothing
    return converted
