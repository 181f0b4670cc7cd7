"""Bicubic resizing: fast upscaling for networks and baselines, and MATLAB's for test sets."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def bicubic_upscale(images: "Tensor", scale: int) -> "Tensor":
    """Enlarge images by bicubic interpolation, like Pillow.

    Keys 1981, "Cubic Convolution Interpolation", a = -0.5, aligned at the outer edges; at the
    border, weights outside the image are left out and the others are normalised. Not clamped.

    Args:
        images: (N, C, h, w), floating point.
        scale: how many times wider and higher.

    Returns:
        (N, C, scale h, scale w).
    """
    from torch.nn import functional as F

    # torch's bicubic has a = -0.75 by default, but -0.5 with antialiasing, which makes no other
    # difference for enlarging.
    return F.interpolate(
        images, scale_factor=scale, mode="bicubic", align_corners=False, antialias=True
    )


def imresize(images: "Tensor", height: int, width: int) -> "Tensor":
    """Resize images like MATLAB's `imresize` with its defaults: bicubic, antialiased.

    For shrinking, the kernel (Keys, a = -0.5) is stretched so that it averages; beyond the border
    the image is mirrored. Not clamped, not rounded.

    Args:
        images: (N, C, h, w), floating point.
        height: of the result, in pixels.
        width: of the result, in pixels.

    Returns:
        (N, C, height, width), computed in float64 if that is the input's type, else float32.
    """
    images = images if images.is_floating_point() else images.float()
    return _resize_along(_resize_along(images, -2, height), -1, width)


def _resize_along(images: "Tensor", dimension: int, length: int) -> "Tensor":
    import torch

    size = images.shape[dimension]
    if size == length:
        return images
    weights, indices = _contributions(size, length)
    shape = [1] * images.dim()
    shape[dimension] = length
    total = torch.zeros(())
    for tap in range(weights.shape[1]):
        weight = weights[:, tap].to(images).view(shape)
        total = total + weight * images.index_select(dimension, indices[:, tap].to(images.device))
    return total


def _contributions(size: int, length: int) -> "tuple[Tensor, Tensor]":
    """The input pixels of each output pixel: (length, taps) weights and indices."""
    import math

    import torch

    scale = length / size
    stretch = min(scale, 1.0)
    support = 4 / stretch
    centre = (torch.arange(length, dtype=torch.float64) + 0.5) / scale - 0.5
    first = torch.floor(centre - support / 2).long()
    taps = torch.arange(math.ceil(support) + 2)
    positions = first[:, None] + taps[None, :]
    weights = _keys((centre[:, None] - positions) * stretch)
    weights = weights / weights.sum(1, keepdim=True)
    used = weights.ne(0).any(0)
    return weights[:, used], _mirrored(positions[:, used], size)


def _keys(distance: "Tensor") -> "Tensor":
    d = distance.abs()
    near = 1.5 * d**3 - 2.5 * d**2 + 1
    far = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return near * (d <= 1) + far * ((d > 1) & (d <= 2))


def _mirrored(positions: "Tensor", size: int) -> "Tensor":
    positions = positions % (2 * size)
    return positions.where(positions < size, 2 * size - 1 - positions)
