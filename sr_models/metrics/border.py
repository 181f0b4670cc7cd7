"""Leaving out the border of images, which a network cannot predict well."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def without_border(images: "Tensor", border: int) -> "Tensor":
    """Crop `border` pixels from each side of (N, C, H, W).

    Raises:
        ValueError: nothing would be left, or `border` is negative.
    """
    height, width = images.shape[-2:]
    if border < 0 or 2 * border >= min(height, width):
        raise ValueError(f"a border of {border} pixels leaves nothing of {width} x {height}")
    return images[..., border : height - border, border : width - border]
