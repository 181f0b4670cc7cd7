"""The measures that training takes of its validation images. To add one: a file, and a line."""

from collections.abc import Sequence

from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.psnr import PSNR
from sr_models.metrics.ssim import SSIM

IMAGE_METRICS: tuple[ImageMetric, ...] = (PSNR, SSIM)


def yielded_names(outputs: Sequence[str]) -> list[str]:
    """The names under which an epoch yields them, without `validation/`."""
    return [
        name
        for metric in IMAGE_METRICS
        for name in (
            metric.name,
            *(f"{metric.name}_{output}" for output in outputs if metric.per_output),
        )
    ]
