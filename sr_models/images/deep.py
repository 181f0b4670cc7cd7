"""Grey images of more than 8 bits, whose numbers alone do not say what is white."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sr_models.images.samples import Samples
from sr_models.images.unusable import Unusable

Levels = NDArray[np.uint8] | NDArray[np.uint16]

RANGES = (1.0, 255.0)
"""Possible white values of floats."""

OVERSHOOT = 0.5
"""Sharpening and resampling leave floats slightly outside their range; so much of it is cut off."""

BRIGHT, COMMON = 25.5, 0.05
"""For a range of [0, 255], a value must be at least the first, and this fraction must exceed 1:
otherwise the image may be in [0, 1] with highlights, and would come out black."""


def deep_grey(values: NDArray[Any], samples: Samples) -> Levels:
    """Convert integers of 16 or 32 bits, or floats, to grey levels.

    White is 65535 in 16 bits (4095 if the file says 12 bits, 32767 if it says that they are
    signed). Integers of 32 bits are treated as the 8 or 16 bits that can hold them all. Floats span
    [0, 1] or [0, 255]; what exceeds this by less than half of the range is cut off.

    Args:
        values: (h, w), as the file has them.
        samples: the file's description of them.

    Returns:
        (h, w), of 8 bits if the values are integers of 8 bits, else of 16.

    Raises:
        Unusable: the meaning of the numbers is unknown.
    """
    floats = values.dtype.kind == "f"
    white = _float_white(values) if floats else _integer_white(values, samples)
    eight = white == 255 and not floats
    most = 255 if eight else 65535
    levels = np.round(values.astype(np.float64) * (most / white)).clip(0, most)
    if samples.white_first:
        levels = most - levels
    return levels.astype(np.uint8) if eight else levels.astype(np.uint16)


def _float_white(values: NDArray[Any]) -> float:
    if np.isfinite(values).all():
        low, high = float(values.min()), float(values.max())
        for white in RANGES:
            within = low >= -OVERSHOOT * white and high <= (1 + OVERSHOOT) * white
            if within and (white == 1 or _spans_255(values)):
                return white
    raise _unknown(values)


def _spans_255(values: NDArray[Any]) -> bool:
    return bool(values.max() >= BRIGHT and (values > 1 + OVERSHOOT).mean() >= COMMON)


def _integer_white(values: NDArray[Any], samples: Samples) -> float:
    low, high = int(values.min()), int(values.max())
    for white in _whites(samples):
        if low >= 0 and high <= white:
            return white
    raise _unknown(values)


def _whites(samples: Samples) -> tuple[float, ...]:
    """The possible white values, smallest first: programs store 8 bits in 32 or in signed 16."""
    if samples.bits == 32:
        return 255, 65535
    if samples.signed:
        return 255, 32767
    return (4095,) if samples.bits == 12 else (65535,)


def _unknown(values: NDArray[Any]) -> Unusable:
    with np.errstate(invalid="ignore"):  # broken files hold odd floats; the range tells
        low, high = values.min(), values.max()
    return Unusable(f"values from {low:g} to {high:g}: their range is not known")
