"""Metrics of images in [0, 1]. Importing this package does not import torch."""

from sr_models.metrics.baseline import bicubic_baseline
from sr_models.metrics.colour import rgb_to_y
from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.means import ImageScores
from sr_models.metrics.own import OwnMetricConfig
from sr_models.metrics.psnr import mean_psnr, of_one_colour, psnr, report_scale
from sr_models.metrics.registry import IMAGE_METRICS, own_metrics
from sr_models.metrics.ssim import ssim

__all__ = [
    "IMAGE_METRICS",
    "ImageMetric",
    "ImageScores",
    "OwnMetricConfig",
    "bicubic_baseline",
    "mean_psnr",
    "of_one_colour",
    "own_metrics",
    "psnr",
    "report_scale",
    "rgb_to_y",
    "ssim",
]
