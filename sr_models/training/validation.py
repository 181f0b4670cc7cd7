"""Score a network on the validation images."""

from dataclasses import dataclass, field
from statistics import median

import torch
from torch import Tensor, nn

from sr_models.metrics import mean_psnr, of_one_colour, psnr, ssim
from sr_models.scales import Output
from sr_models.training.data import TrainingData
from sr_models.training.mean_meter import MeanMeter
from sr_models.training.prefetch import Images, prefetch, to_images
from sr_models.training.runtime import Runtime


@dataclass
class Samples:
    """Predictions of the first validation images, for people to look at."""

    wanted: int
    images: dict[Output, list[Tensor]] = field(default_factory=dict)  # (3, H, W), [0, 1]
    psnr: dict[Output, list[Tensor]] = field(default_factory=dict)  # scalars, dB

    def take(self, output: Output, predictions: Tensor, scores: Tensor) -> None:
        """Keep of a batch what is still wanting."""
        images = self.images.setdefault(output, [])
        free = self.wanted - len(images)
        images.extend(predictions[:free])
        self.psnr.setdefault(output, []).extend(scores[:free])


@dataclass
class Scores:
    """PSNR and SSIM of each image, kept on the device until all are there."""

    batches: dict[Output, list[Tensor]] = field(default_factory=dict)  # (3, N): psnr, ssim, flat

    def take(self, output: Output, predictions: Tensor, targets: Tensor) -> Tensor:
        """Score a batch, (N, 3, H, W) in [0, 1]; return its PSNR, (N,) in dB."""
        decibels, similarity = psnr(predictions, targets), ssim(predictions, targets)
        scores = torch.stack([decibels, similarity, of_one_colour(targets).float()])
        self.batches.setdefault(output, []).append(scores)
        return decibels

    def means(self) -> dict[str, float]:
        """Average over the images; those of one colour have no part in PSNR."""
        found: dict[str, float] = {}
        for output, batches in self.batches.items():
            decibels, similarity, flat = torch.cat(batches, dim=1).double()
            found[f"psnr_{output}"] = float(mean_psnr(decibels, flat.bool()))
            found[f"ssim_{output}"] = float(similarity.mean())
        return found


@dataclass(frozen=True)
class Validation:
    """Metrics by their short names ("psnr_mid"), and some of the predictions."""

    metrics: dict[str, float]
    samples: Samples


@torch.inference_mode()
def validate(
    network: nn.Module,
    criterion: nn.Module,
    data: TrainingData,
    runtime: Runtime,
    *,
    outputs: tuple[Output, ...],
    batch_size: int,
    samples: int = 0,
) -> Validation:
    """Score a network: means over the validation images.

    PSNR and SSIM are those of each single image, RGB in [0, 1], predictions clamped, no border
    left out; images of one colour have no part in PSNR. Without suffix, they are the mean over
    the outputs. The loss is the criterion's, summed
    over the outputs. `ms_per_image` is the network's own time, in the median of the batches: the
    first ones may choose and warm up kernels.
    """
    network.eval()
    meter, kept, times = MeanMeter(["loss"], runtime.device), Samples(samples), list[float]()
    scores = Scores()
    for batch in prefetch(data.validation_batches(batch_size), runtime.device):
        images = to_images(batch, runtime, outputs)
        with runtime.autocast():
            begun = runtime.now()
            predictions = network(images.x)
            times.append((runtime.now() - begun) / len(images))
            loss = total_loss(criterion, predictions, images)
        meter.add(loss * len(images))
        meter.count(len(images))
        for output in outputs:
            clamped = predictions[output].clamp(0, 1)
            kept.take(output, clamped, scores.take(output, clamped, images.targets[output]))
    means = with_means_over_outputs(meter.means() | scores.means(), outputs)
    return Validation({**means, "ms_per_image": 1000 * median(times)}, kept)


def total_loss(criterion: nn.Module, predictions: dict[Output, Tensor], batch: Images) -> Tensor:
    """Sum the loss over the outputs."""
    losses = [criterion(predictions[output], target) for output, target in batch.targets.items()]
    return torch.stack(losses).sum()


def with_means_over_outputs(
    metrics: dict[str, float], outputs: tuple[Output, ...]
) -> dict[str, float]:
    """Add `psnr` and `ssim`: the means of `psnr_mid`, `psnr_large` and so on."""
    means = {
        name: sum(metrics[f"{name}_{output}"] for output in outputs) / len(outputs)
        for name in ("psnr", "ssim")
    }
    return {**metrics, **means}
