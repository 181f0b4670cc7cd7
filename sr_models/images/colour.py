"""Colour spaces other than RGB."""

from io import BytesIO

from PIL import Image, ImageCms

OTHER_SPACES = ("CMYK", "LAB")


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert CMYK and Lab to sRGB; CMYK by its own profile, if it has a usable profile."""
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
