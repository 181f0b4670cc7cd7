"""Peak signal-to-noise ratio, and the report's scale of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sr_models.metrics.border import without_border

if TYPE_CHECKING:
    from torch import Tensor

MAXIMUM = 100.0
"""dB. A perfect prediction's PSNR is infinite, and a metric must be finite: this stands for it."""


def psnr(prediction: "Tensor", target: "Tensor", *, border: int = 0) -> "Tensor":
    """Compute PSNR = 10 log10(1 / MSE) of each image, at most 100 dB.

    Args:
        prediction: (N, C, H, W), in [0, 1]; clamp before, values outside count as they are.
        target: the same shape and range.
        border: pixels that are left out on each side.

    Returns:
        (N,), float32, dB; higher is better.
    """
    difference = without_border(prediction.float() - target.float(), border)
    error = difference.square().flatten(1).mean(1)
    return -10 * error.clamp_min(10 ** (-MAXIMUM / 10)).log10()


def report_scale(decibels: Iterable[float]) -> float:
    """Turn one PSNR an output (dB) into the report's number: their sum, divided by 10."""
    return sum(decibels) / 10
