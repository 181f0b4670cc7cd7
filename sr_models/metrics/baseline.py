"""The scores of plain bicubic upscaling, the baseline of every model."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from sr_models.bicubic import bicubic_upscale, imresize
from sr_models.metrics.image_metric import ImageMetric
from sr_models.metrics.means import ImageScores
from sr_models.metrics.protocol import compared
from sr_models.metrics.registry import IMAGE_METRICS, LUMA_METRICS
from sr_models.scales import SCALES, Output

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Images(Protocol):
    """A batch of images, uint8: (N, 3, s, s), (N, 3, 2s, 2s) and (N, 3, 4s, 4s)."""

    @property
    def x(self) -> "Tensor":
        """The images to upscale."""
        ...

    @property
    def targets(self) -> "dict[Output, Tensor]":
        """The images that they should become, by output."""
        ...

    @property
    def whole(self) -> bool:
        """Whether it is a single whole image, scored as in papers."""
        ...

    @property
    def grey(self) -> bool:
        """Whether a whole image is greyscale."""
        ...


class ValidationData(Protocol):
    """Data with validation images."""

    def validation_batches(self, batch_size: int) -> Iterator[Images]:
        """Yield all validation images, always in the same order."""
        ...


def bicubic_baseline(
    data: ValidationData,
    metrics: Sequence[ImageMetric] = IMAGE_METRICS,
    *,
    device: "torch.device | str" = "cpu",
    batch_size: int = 16,
) -> dict[str, float]:
    """Score bicubic upscaling in the same way as training scores a network.

    Each score is the mean over the validation images, RGB in [0, 1], predictions clamped; images of
    one colour are left out of PSNR. `validation/psnr` and the like are the means over both outputs.

    Args:
        data: the validation images.
        metrics: what to score by; for whole images, PSNR and SSIM of Y too.
        device: where to compute.
        batch_size: images at once.

    Returns:
        `validation/psnr_mid` and the like, by name.
    """
    import torch

    scores, luma = ImageScores(metrics), ImageScores(LUMA_METRICS)
    with torch.inference_mode():
        for batch in data.validation_batches(batch_size):
            x = batch.x.to(device).float() / 255
            for output, images in batch.targets.items():
                scale, target = SCALES[output], images.to(device).float() / 255
                if batch.whole:
                    enlarged = imresize(x, *target.shape[-2:])
                    pair = compared(enlarged, target, scale, grey=batch.grey)
                    scores.take(output, *pair.rgb)
                    luma.take(output, *pair.luma)
                else:
                    scores.take(output, bicubic_upscale(x, scale).clamp(0, 1), target)
    means = scores.means() | luma.means()
    return {f"validation/{name}": value for name, value in means.items()}
