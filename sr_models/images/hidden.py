"""Colours of wholly transparent pixels, which nobody sees."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sr_models.images.picture import Picture


def with_hidden_colours_filled(picture: Picture) -> Picture:
    """Continue the visible colours into wholly transparent regions.

    Programs store black there, or anything. Enlarging mixes neighbours, so a shape would get a
    fringe of it; therefore a hidden pixel gets the mean of the visible pixels near it, weighted by
    alpha.
    """
    alpha = picture.alpha
    if alpha is None or alpha.all() or not alpha.any():
        return picture
    colours = picture.pixels.astype(np.float64)
    weights = alpha.astype(np.float64) / 255
    if not picture.grey:
        weights = weights[..., None]
    filled: Any = np.where(weights > 0, colours, _spread(colours * weights, weights))
    return replace(picture, pixels=filled.round().astype(picture.pixels.dtype))


def _spread(light: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Light (colour times weight) divided by weight; without weight, at half resolution."""
    known = weights > 0
    if known.all():
        mean: NDArray[Any] = light / weights
        return mean
    coarse = _spread(_halved(light), _halved(weights))
    height, width = weights.shape[:2]
    around = coarse.repeat(2, axis=0)[:height].repeat(2, axis=1)[:, :width]
    return np.where(known, light / np.where(known, weights, 1), around)


def _halved(values: NDArray[Any]) -> NDArray[Any]:
    """Sums of blocks of 2 x 2; nothing is added beyond the edge."""
    height, width = values.shape[:2]
    rest = [(0, height % 2), (0, width % 2), *[(0, 0)] * (values.ndim - 2)]
    even = np.pad(values, rest)
    total: NDArray[Any] = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return total
