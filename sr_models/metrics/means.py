"""Scores of single images, batch by batch, and their means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.registry import IMAGE_METRICS
from sr_models.scales import Output

if TYPE_CHECKING:
    from torch import Tensor

FLAT = "of one colour"


class ImageScores:
    """All metrics of all images, kept on the device until the last image.

    Args:
        metrics: the metrics.
    """

    def __init__(self, metrics: Sequence[ImageMetric] = IMAGE_METRICS) -> None:
        self._metrics = metrics
        self._batches: dict[Output, list[dict[str, Tensor]]] = {}

    def take(self, output: Output, predictions: "Tensor", targets: "Tensor") -> "dict[str, Tensor]":
        """Score a batch.

        Args:
            output: which output it is.
            predictions: (N, 3, H, W), RGB in [0, 1].
            targets: the same shape and range.

        Returns:
            (N,) for each metric, by name.
        """
        from sr_models.metrics.psnr import of_one_colour

        scores = {metric.name: metric.score(predictions, targets) for metric in self._metrics}
        kept = {**scores, FLAT: of_one_colour(targets)}
        self._batches.setdefault(output, []).append(kept)
        return scores

    def means(self) -> dict[str, float]:
        """Return means over the images: `psnr_mid` for each output, and `psnr` over the outputs."""
        import torch

        found: dict[str, float] = {}
        for output, batches in self._batches.items():
            names = batches[0]
            scores = {name: torch.cat([batch[name] for batch in batches]) for name in names}
            for metric in self._metrics:
                mean = metric.mean(scores[metric.name].double(), scores[FLAT])
                found[f"{metric.name}_{output}"] = float(mean)
        for metric in self._metrics if self._batches else ():
            each = [found[f"{metric.name}_{output}"] for output in self._batches]
            found[metric.name] = sum(each) / len(each)
        return found
