"""Peak signal-to-noise ratio, and the report's scale of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sr_models.metrics.border import without_border
from sr_models.metrics.image_metric import ImageMetric

if TYPE_CHECKING:
    from torch import Tensor

MAXIMUM = 100.0
"""Largest PSNR, in dB. A perfect prediction's PSNR is infinite, but a metric must be finite."""


def psnr(prediction: "Tensor", target: "Tensor", *, border: int = 0) -> "Tensor":
    """Compute PSNR = 10 log10(1 / MSE) of each image, at most 100 dB.

    Args:
        prediction: (N, C, H, W), in [0, 1]; it is not clamped here.
        target: the same shape and range.
        border: pixels that are left out on each side.

    Returns:
        (N,), float32, dB; higher is better.
    """
    difference = without_border(prediction.float() - target.float(), border)
    error = difference.square().mean((1, 2, 3))  # flattening would copy what is channels_last
    return -10 * error.clamp_min(10 ** (-MAXIMUM / 10)).log10()


def of_one_colour(images: "Tensor") -> "Tensor":
    """Return which images have the same colour everywhere.

    Any enlargement gets them right, so their PSNR is not a measurement but the maximum that stands
    for infinity; a few of them would raise a mean by decibels. Means of PSNR leave them out.

    Args:
        images: (N, C, H, W).

    Returns:
        (N,), bool.
    """
    return (images.amax((-2, -1)) == images.amin((-2, -1))).all(1)


def mean_psnr(decibels: "Tensor", flat: "Tensor") -> "Tensor":
    """Average the PSNR of images, without those of one colour unless there are no others.

    Args:
        decibels: (N,), the PSNR of each image.
        flat: (N,), whether it is `of_one_colour`.

    Returns:
        A scalar, dB.
    """
    counted = ~flat if bool((~flat).any()) else flat
    return decibels[counted].mean()


def report_scale(decibels: Iterable[float]) -> float:
    """Return the report's number for the PSNR of the outputs (dB): their sum, divided by 10."""
    return sum(decibels) / 10


PSNR = ImageMetric(
    "psnr", psnr, "maximize", "PSNR", unit="dB", decimals=2, per_output=True, mean=mean_psnr
)
