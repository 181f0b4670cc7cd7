"""LPIPS and DISTS as metrics of validation, where a config asks for them."""

from typing import TYPE_CHECKING

from sr_models.frozen import FrozenConfig
from sr_models.metrics.image_metric import ImageMetric
from sr_models.perceptual import DistsConfig, LpipsConfig

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


class PerceptualMetrics(FrozenConfig):
    """What validation measures beside PSNR and SSIM; each takes a pretrained network."""

    lpips: LpipsConfig | None = None
    """`validation/lpips`, lower is better; `{}` is AlexNet's, as papers report it."""

    dists: DistsConfig | None = None
    """`validation/dists`, lower is better."""

    def build(self, device: "torch.device | str") -> tuple[ImageMetric, ...]:
        """Build those that are asked for.

        Raises:
            WeightsError: the weights of one cannot be had.
        """
        found = ((LPIPS, self.lpips), (DISTS, self.dists))
        return tuple(
            _measured(metric, config.build_measure().to(device))
            for metric, config in found
            if config is not None
        )


def _not_built(prediction: "Tensor", target: "Tensor") -> "Tensor":
    raise AssertionError("built by PerceptualMetrics.build")


LPIPS = ImageMetric("lpips", _not_built, "minimize", "LPIPS", decimals=4)
DISTS = ImageMetric("dists", _not_built, "minimize", "DISTS", decimals=4)


def _measured(metric: ImageMetric, measure: "nn.Module") -> ImageMetric:
    from dataclasses import replace

    return replace(metric, score=measure)
