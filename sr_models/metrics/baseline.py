"""What plain bicubic upscaling reaches: the row that every model is held against."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from sr_models.bicubic import bicubic_upscale
from sr_models.metrics.psnr import mean_psnr, of_one_colour, psnr
from sr_models.metrics.ssim import ssim
from sr_models.scales import SCALES, Output

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
    data: ValidationData, *, device: "torch.device | str" = "cpu", batch_size: int = 16
) -> dict[str, float]:
    """Score bicubic upscaling as training scores a network.

    The mean over the validation images of each image's PSNR and SSIM, RGB in [0, 1], predictions
    clamped; images of one colour have no part in PSNR. `validation/psnr` and `validation/ssim` are
    the means over both outputs.

    Args:
        data: whose validation images.
        device: where to compute.
        batch_size: images at once.

    Returns:
        `validation/psnr_mid` and the like, by name.
    """
    import torch

    scores: dict[str, list[Tensor]] = {}
    with torch.inference_mode():
        for batch in data.validation_batches(batch_size):
            x = batch.x.to(device).float() / 255
            for output, scale in SCALES.items():
                target = getattr(batch, output).to(device).float() / 255
                prediction = bicubic_upscale(x, scale).clamp(0, 1)
                scores.setdefault(f"psnr_{output}", []).append(psnr(prediction, target))
                scores.setdefault(f"ssim_{output}", []).append(ssim(prediction, target))
                scores.setdefault(f"flat_{output}", []).append(of_one_colour(target))
    return _with_means_over_outputs(_means(scores), tuple(SCALES))


def _means(scores: "dict[str, list[Tensor]]") -> dict[str, float]:
    import torch

    all_images = {name: torch.cat(values) for name, values in scores.items()}
    means: dict[str, float] = {}
    for output in SCALES:
        decibels, flat = all_images[f"psnr_{output}"], all_images[f"flat_{output}"]
        means[f"psnr_{output}"] = float(mean_psnr(decibels, flat))
        means[f"ssim_{output}"] = float(all_images[f"ssim_{output}"].mean())
    return means


def _with_means_over_outputs(
    means: dict[str, float], outputs: tuple[Output, ...]
) -> dict[str, float]:
    named = {f"validation/{name}": value for name, value in means.items()}
    for name in ("psnr", "ssim"):
        over_outputs = [means[f"{name}_{output}"] for output in outputs]
        named[f"validation/{name}"] = sum(over_outputs) / len(outputs)
    return named
