"""A photograph as x, mid and large."""

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from sr_models.data.resample import Pixels, resize
from sr_models.images.unusable import Unusable

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

Pyramid = tuple[Pixels, Pixels, Pixels]  # x, mid, large: (side, side, 3), RGB, [0, 255]


def make_pyramid(image: Image.Image, config: "DataConfig") -> Pyramid:
    """Return the fixed pyramid of an image: of all of it for `squash`, its centre for `crop`."""
    if config.resize == "squash":
        x, mid, large = (resize(image, side, config.resample) for side in config.sides)
        return x, mid, large
    return shrink(centre(image, config.sides[2]), config)


def shrink(patch: Image.Image, config: "DataConfig") -> Pyramid:
    """Return the pyramid whose `large` is the given patch."""
    x, mid = (resize(patch, side, config.resample) for side in config.sides[:2])
    return x, mid, np.asarray(patch)


def centre(image: Image.Image, side: int) -> Image.Image:
    """Return the square in the centre.

    Raises:
        Unusable: the image is too small for it.
    """
    if min(image.size) < side:
        width, height = image.size
        raise Unusable(f"smaller than the patch: {width} x {height}, a side needs {side} px")
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))
