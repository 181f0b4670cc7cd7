"""What plain bicubic upscaling reaches: the row that every model is held against."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from sr_models.bicubic import bicubic_upscale
from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.means import ImageScores
from sr_models.metrics.registry import IMAGE_METRICS
from sr_models.scales import SCALES

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Images(Protocol):
    """A batch of images, uint8: (N, 3, s, s), (N, 3, 2s, 2s) and (N, 3, 4s, 4s)."""

    @property
    def x(self) -> "Tensor":
        """What is upscaled."""
        ...

    @property
    def mid(self) -> "Tensor":
        """What it should become at twice the side."""
        ...

    @property
    def large(self) -> "Tensor":
        """What it should become at four times the side."""
        ...


class ValidationData(Protocol):
    """What has validation images."""

    def validation_batches(self, batch_size: int) -> Iterator[Images]:
        """Yield all validation images, in one order."""
        ...


def bicubic_baseline(
    data: ValidationData,
    metrics: Sequence[ImageMetric] = IMAGE_METRICS,
    *,
    device: "torch.device | str" = "cpu",
    batch_size: int = 16,
) -> dict[str, float]:
    """Score bicubic upscaling as training scores a network.

    The mean over the validation images of each image's score, RGB in [0, 1], predictions clamped;
    images of one colour have no part in PSNR. `validation/psnr` and the like are the means over
    both outputs.

    Args:
        data: whose validation images.
        metrics: what to score by.
        device: where to compute.
        batch_size: images at once.

    Returns:
        `validation/psnr_mid` and the like, by name.
    """
    import torch

    scores = ImageScores(metrics)
    with torch.inference_mode():
        for batch in data.validation_batches(batch_size):
            x = batch.x.to(device).float() / 255
            for output, scale in SCALES.items():
                target = getattr(batch, output).to(device).float() / 255
                scores.take(output, bicubic_upscale(x, scale).clamp(0, 1), target)
    return {f"validation/{name}": value for name, value in scores.means().items()}
