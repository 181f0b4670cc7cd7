"""The luma of RGB images, on which super-resolution is measured."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def rgb_to_y(images: "Tensor") -> "Tensor":
    """Compute luma as MATLAB's `rgb2ycbcr` (ITU-R BT.601, studio swing).

    Y = (16 + 65.481 R + 128.553 G + 24.966 B) / 255

    Args:
        images: (N, 3, H, W), RGB in [0, 1].

    Returns:
        (N, 1, H, W), in [16/255, 235/255].
    """
    red, green, blue = images[:, 0:1].float(), images[:, 1:2].float(), images[:, 2:3].float()
    return (16 + 65.481 * red + 128.553 * green + 24.966 * blue) / 255
