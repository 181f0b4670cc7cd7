"""Resizing an image with the method that a config names."""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

Resample = Literal["nearest", "bilinear", "bicubic", "lanczos", "antialiased"]

PILLOW_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def resize(image: Image.Image, side: int, method: Resample) -> Pixels:
    """Return the whole image as a (side, side, 3) square; its aspect ratio is not kept."""
    if method == "antialiased":
        return _matlab_imresize(np.asarray(image), side, side)
    return np.asarray(image.resize((side, side), PILLOW_FILTERS[method]))


def resize_to(pixels: Pixels, height: int, width: int, method: Resample) -> Pixels:
    """Return (h, w, 3) resized to (height, width, 3)."""
    if method == "antialiased":
        return _matlab_imresize(pixels, height, width)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((width, height), PILLOW_FILTERS[method]))


def _matlab_imresize(pixels: Pixels, height: int, width: int) -> Pixels:
    """MATLAB's `imresize(pixels, [height width], "bicubic")`, rounded once, at the end."""
    rows, columns = _weights(pixels.shape[0], height), _weights(pixels.shape[1], width)
    lower = rows @ pixels.reshape(pixels.shape[0], -1).astype(np.float32)
    lower = lower.reshape(height, pixels.shape[1], 3).swapaxes(0, 1)
    narrower = columns @ lower.reshape(pixels.shape[1], -1)
    result = narrower.reshape(width, height, 3).swapaxes(0, 1)
    rounded: Pixels = np.clip(np.round(result), 0, 255).astype(np.uint8)
    return rounded


@lru_cache(maxsize=64)
def _weights(length: int, new_length: int) -> Any:
    """Sparse (new_length, length) matrix that resamples an axis.

    For shrinking the kernel is stretched by the scale, which is the antialiasing; beyond the edges
    the image is mirrored.
    """
    from scipy.sparse import csr_array

    scale = new_length / length
    stretch = min(scale, 1.0)
    centres = (np.arange(new_length) + 0.5) / scale - 0.5
    taps = int(np.ceil(4 / stretch)) + 2
    positions = np.floor(centres - 2 / stretch)[:, None] + np.arange(taps)
    values = _cubic((centres[:, None] - positions) * stretch)
    values /= values.sum(axis=1, keepdims=True)
    mirrored = np.concatenate([np.arange(length), np.arange(length)[::-1]])
    columns = mirrored[positions.astype(np.int64) % (2 * length)]
    rows = np.repeat(np.arange(new_length), taps)
    entries = (values.ravel().astype(np.float32), (rows, columns.ravel()))
    return csr_array(entries, shape=(new_length, length))


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' cubic kernel with a = -0.5 (Keys 1981)."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))
