"""The metrics that training computes on its validation images. To add one: a file, and a line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.own import OwnMetricConfig
from sr_models.metrics.perceptual import DistsMetricConfig, LpipsMetricConfig
from sr_models.metrics.psnr import PSNR
from sr_models.metrics.ssim import SSIM

IMAGE_METRICS: tuple[ImageMetric, ...] = (PSNR, SSIM)

LUMA_METRICS: tuple[ImageMetric, ...] = (
    replace(PSNR, name="psnr_y", label="PSNR of Y"),
    replace(SSIM, name="ssim_y", label="SSIM of Y"),
)
"""Metrics of the luma of whole images, by the protocol of papers."""

MetricConfig = Annotated[
    OwnMetricConfig | LpipsMetricConfig | DistsMetricConfig, Field(discriminator="type")
]


def own_metrics(configs: Mapping[str, MetricConfig]) -> tuple[ImageMetric, ...]:
    """Return the metrics that a config adds, by their names."""
    return tuple(config.described(name) for name, config in configs.items())


def yielded_names(metrics: Sequence[ImageMetric], outputs: Sequence[str]) -> list[str]:
    """Return the names under which an epoch yields the metrics, without `validation/`."""
    return [
        name
        for metric in metrics
        for name in (
            metric.name,
            *(f"{metric.name}_{output}" for output in outputs if metric.per_output),
        )
    ]
