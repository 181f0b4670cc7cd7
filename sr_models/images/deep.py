"""Grey of more than 8 bits, whose numbers do not say by themselves what is white."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sr_models.images.samples import Samples
from sr_models.images.unusable import Unusable

Levels = NDArray[np.uint8] | NDArray[np.uint16]

RANGES = (1.0, 255.0)
"""What floats may have for white."""

OVERSHOOT = 0.5
"""Sharpening and resampling leave floats a little outside their range; this share of it is cut."""

BRIGHT, COMMON = 25.5, 0.05
"""For a range of [0, 255], a value must be as high as the first, and this share beyond [0, 1]:
otherwise it may be light of [0, 1] with highlights, and would come out black."""


def deep_grey(values: NDArray[Any], samples: Samples) -> Levels:
    """Turn integers of 16 or 32 bits, or floats, into grey levels.

    White is 65535 in 16 bits (4095 where the file says 12, 32767 where it says that they are
    signed). Integers of 32 bits are taken for the 8 or 16 bits that hold them all. Floats span
    [0, 1] or [0, 255]; what goes beyond by less than half of that is cut.

    Args:
        values: (h, w), as the file has them.
        samples: what the file says of them.

    Returns:
        (h, w), of 8 bits where the values are integers of as many, else of 16.

    Raises:
        Unusable: nobody can know what the numbers mean.
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
    """What white may be, the smallest first: programs keep 8 bits in 32 or in signed 16."""
    if samples.bits == 32:
        return 255, 65535
    if samples.signed:
        return 255, 32767
    return (4095,) if samples.bits == 12 else (65535,)


def _unknown(values: NDArray[Any]) -> Unusable:
    with np.errstate(invalid="ignore"):  # broken files hold odd floats; the range tells
        low, high = values.min(), values.max()
    return Unusable(f"values from {low:g} to {high:g}: their range is not known")
