"""The measures that training takes of its validation images. To add one: a file, and a line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.perceptual import DISTS, LPIPS
from sr_models.metrics.psnr import PSNR
from sr_models.metrics.ssim import SSIM

IMAGE_METRICS: tuple[ImageMetric, ...] = (PSNR, SSIM)

LUMA_METRICS: tuple[ImageMetric, ...] = (
    replace(PSNR, name="psnr_y", label="PSNR of Y"),
    replace(SSIM, name="ssim_y", label="SSIM of Y"),
)
"""Of the luma of whole images, by the protocol of papers."""

WHEN_ASKED: tuple[ImageMetric, ...] = (*LUMA_METRICS, LPIPS, DISTS)
"""What some configs measure too."""


def yielded_names(outputs: Sequence[str], metrics: Iterable[ImageMetric]) -> list[str]:
    """The names under which an epoch yields metrics, without `validation/`."""
    return [
        name
        for metric in metrics
        for name in (
            metric.name,
            *(f"{metric.name}_{output}" for output in outputs if metric.per_output),
        )
    ]
