"""The measures that training takes of its validation images. To add one: a file, and a line."""

from collections.abc import Mapping, Sequence

from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.own import OwnMetricConfig
from sr_models.metrics.psnr import PSNR
from sr_models.metrics.ssim import SSIM

IMAGE_METRICS: tuple[ImageMetric, ...] = (PSNR, SSIM)


def own_metrics(configs: Mapping[str, OwnMetricConfig]) -> tuple[ImageMetric, ...]:
    """The measures that a config adds, by their names."""
    return tuple(config.described(name) for name, config in configs.items())


def yielded_names(metrics: Sequence[ImageMetric], outputs: Sequence[str]) -> list[str]:
    """The names under which an epoch yields them, without `validation/`."""
    return [
        name
        for metric in metrics
        for name in (
            metric.name,
            *(f"{metric.name}_{output}" for output in outputs if metric.per_output),
        )
    ]
