"""Enlarging a picture with all its properties: depth, greyscale, transparency."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sr_models.images.hidden import with_hidden_colours_filled
from sr_models.images.picture import Picture
from sr_models.inference.upscaler import Upscaler

Step = Callable[[], None]
"""Called after each tile."""


def enlarge_picture(
    picture: Picture, upscaler: Upscaler, bicubic: Upscaler, *, tile: int, step: Step
) -> Picture:
    """Enlarge a picture; its transparency, which networks are not trained for, by bicubic.

    Args:
        picture: a greyscale picture stays grey: the mean of the colours that the network predicts.
        upscaler: for the colours.
        bicubic: for transparency.
        tile: side of a tile in pixels of the picture.
        step: called after each tile, of transparency too.

    Returns:
        The picture at `upscaler.scale` times its size, with the same depth.
    """
    picture = with_hidden_colours_filled(picture)
    pixels = _enlarge(picture.pixels, upscaler, tile, step)
    alpha = None if picture.alpha is None else _enlarge(picture.alpha, bicubic, tile, step)
    return replace(picture, pixels=pixels, alpha=alpha)


def _enlarge(pixels: NDArray[Any], upscaler: Upscaler, tile: int, step: Step) -> NDArray[Any]:
    """Enlarge (h, w) or (h, w, 3) unsigned integers; only a tile of the result is in floats."""
    scale, maximum = upscaler.scale, np.iinfo(pixels.dtype).max
    height, width = pixels.shape[:2]
    result = np.empty((height * scale, width * scale, *pixels.shape[2:]), pixels.dtype)
    for part in upscaler.tiles(_image(pixels, maximum), tile=tile):
        values = _values(part.pixels, grey=pixels.ndim == 2)
        rows, columns = values.shape[:2]
        rounded = (values * maximum).round().astype(pixels.dtype)
        result[part.top : part.top + rows, part.left : part.left + columns] = rounded
        step()
    return result


def _image(pixels: NDArray[Any], maximum: int) -> Tensor:
    image = torch.from_numpy(pixels.astype(np.float32) / maximum)
    return image.expand(3, -1, -1) if image.dim() == 2 else image.permute(2, 0, 1)


def _values(pixels: Tensor, *, grey: bool) -> NDArray[np.float64]:
    values = pixels.mean(dim=0) if grey else pixels.permute(1, 2, 0)
    return values.double().numpy()
