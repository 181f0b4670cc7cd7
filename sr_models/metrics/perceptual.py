"""LPIPS and DISTS as metrics of validation, if a config asks for them."""

from typing import TYPE_CHECKING, Any, Literal

from sr_models.metrics.image_metric import ImageMetric
from sr_models.perceptual import DistsConfig, LpipsConfig

if TYPE_CHECKING:
    from torch import Tensor, nn


class LpipsMetricConfig(LpipsConfig):
    """LPIPS of each validation image (Zhang et al. 2018); lower is more similar."""

    type: Literal["lpips"] = "lpips"

    def described(self, name: str) -> ImageMetric:
        """Return the metric with a name; its weights are read when it first scores images."""
        return ImageMetric(name, _Built(self), "minimize", "LPIPS", decimals=4)

    def build(self) -> "nn.Module":
        """Read the weights.

        Raises:
            WeightsError: they are not available.
        """
        return self.build_measure()


class DistsMetricConfig(DistsConfig):
    """DISTS of each validation image (Ding et al. 2020); lower is more similar."""

    type: Literal["dists"] = "dists"

    def described(self, name: str) -> ImageMetric:
        """Return the metric with a name; its weights are read when it first scores images."""
        return ImageMetric(name, _Built(self), "minimize", "DISTS", decimals=4)

    def build(self) -> "nn.Module":
        """Read the weights.

        Raises:
            WeightsError: they are not available.
        """
        return self.build_measure()


class _Built:
    """Scores with a network that is built once, when it is first needed."""

    def __init__(self, config: LpipsConfig | DistsConfig) -> None:
        self._config = config
        self._measure: Any = None

    def __call__(self, prediction: "Tensor", target: "Tensor") -> "Tensor":
        if self._measure is None:
            self._measure = self._config.build_measure().to(prediction.device)
        found: Tensor = self._measure(prediction, target)
        return found
