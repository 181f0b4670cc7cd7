"""Score a network on the validation images."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import torch
from torch import Tensor, nn

from sr_models.metrics import IMAGE_METRICS, ImageMetric, ImageScores
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
    metrics: Sequence[ImageMetric] = IMAGE_METRICS,
    samples: int = 0,
) -> Validation:
    """Score a network: means over the validation images.

    Scores are those of each single image, RGB in [0, 1], predictions clamped, no border left out;
    images of one colour have no part in PSNR. Without suffix, they are the mean over the outputs.
    The loss is the criterion's, summed over the outputs. `ms_per_image` is the network's own time,
    in the median of the batches: the first ones may choose and warm up kernels.
    """
    network.eval()
    meter, kept, times = MeanMeter(["loss"], runtime.device), Samples(samples), list[float]()
    scores = ImageScores(metrics)
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
            found = scores.take(output, clamped, images.targets[output])
            kept.take(output, clamped, found["psnr"])
    means = meter.means() | scores.means()
    return Validation({**means, "ms_per_image": 1000 * median(times)}, kept)


def total_loss(criterion: nn.Module, predictions: dict[Output, Tensor], batch: Images) -> Tensor:
    """Sum the loss over the outputs."""
    losses = [criterion(predictions[output], target) for output, target in batch.targets.items()]
    return torch.stack(losses).sum()
