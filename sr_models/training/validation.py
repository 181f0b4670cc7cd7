"""Scoring a network on the validation images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from sr_models.data import Batch
from sr_models.inference.tiling import grid_of, on_grid, predict_tiles, reach
from sr_models.metrics import IMAGE_METRICS, ImageMetric, ImageScores
from sr_models.metrics.protocol import compared
from sr_models.metrics.registry import LUMA_METRICS
from sr_models.scales import SCALES, Output
from sr_models.training.data import ScoredImages
from sr_models.training.mean_meter import MeanMeter
from sr_models.training.prefetch import Images, prefetch, to_images
from sr_models.training.runtime import Runtime

TILE = 192
"""Side in pixels of `x`: larger whole images are predicted in tiles, with the same result."""

LOSS_SIDE = 512
"""Side in pixels: the loss of larger whole images is that of their centre, because some losses need
much memory."""


@dataclass
class Samples:
    """Predictions of the first validation images, for people to look at."""

    wanted: int
    images: dict[Output, list[Tensor]] = field(default_factory=dict)  # (3, H, W), [0, 1]
    scores: dict[Output, list[dict[str, Tensor]]] = field(default_factory=dict)  # scalars, by name

    def take(self, output: Output, predictions: Tensor, scores: Mapping[str, Tensor]) -> None:
        """Keep what is still wanted of a batch; `scores` are (N,) by the names of the metrics."""
        images = self.images.setdefault(output, [])
        free = self.wanted - len(images)
        images.extend(predictions[:free])
        self.scores.setdefault(output, []).extend(
            {name: values[k] for name, values in scores.items()}
            for k in range(min(free, len(predictions)))
        )

    def on_host(self) -> "Samples":
        """Return a copy in main memory, which does not depend on a GPU."""
        images = {output: [image.cpu() for image in found] for output, found in self.images.items()}
        scores = {
            output: [{name: score.cpu() for name, score in values.items()} for values in found]
            for output, found in self.scores.items()
        }
        return Samples(self.wanted, images, scores)


@dataclass(frozen=True)
class Validation:
    """Metrics by their short names ("psnr_mid"), and some of the predictions."""

    metrics: dict[str, float]
    samples: Samples


@torch.inference_mode()
def validate(
    network: nn.Module,
    criterion: nn.Module,
    data: ScoredImages,
    runtime: Runtime,
    *,
    outputs: tuple[Output, ...],
    batch_size: int,
    metrics: Sequence[ImageMetric] = IMAGE_METRICS,
    samples: int = 0,
) -> Validation:
    """Score a network: means over the validation images.

    Each score is computed per image, RGB in [0, 1], predictions clamped, without cropping a border;
    images of one colour are left out of PSNR. A metric without a suffix is the mean over the
    outputs. The loss is the criterion's, summed over the outputs. `ms_per_image` is the network's
    own time, the median over the batches, because the first batches may choose and warm up kernels.

    Whole images are scored by the protocol of papers instead (see `compared`), on RGB and on Y.

    Args:
        network: maps (N, 3, h, w) to a dictionary of outputs.
        criterion: the loss.
        data: the validation images.
        runtime: device and precision.
        outputs: the outputs to score.
        batch_size: images in a batch.
        metrics: the metrics of single images.
        samples: how many predictions are kept to look at.
    """
    scoring = _Scoring(network.eval(), criterion, runtime, outputs, metrics)
    kept, whole = Samples(samples), False
    for batch in prefetch(data.validation_batches(batch_size), runtime.device):
        whole = batch.whole
        if whole:
            scoring.take_whole(batch)
        else:
            scoring.take(batch, kept)
    if whole and samples:
        scoring.look(next(prefetch(iter([data.sample_images(samples)]), runtime.device)), kept)
    return Validation(scoring.means(), kept)


class _Scoring:
    """The scores so far."""

    def __init__(
        self,
        network: nn.Module,
        criterion: nn.Module,
        runtime: Runtime,
        outputs: tuple[Output, ...],
        metrics: Sequence[ImageMetric],
    ) -> None:
        self._network = network
        self._criterion = criterion
        self._runtime = runtime
        self._outputs = outputs
        self._scores, self._luma = ImageScores(metrics), ImageScores(LUMA_METRICS)
        self._losses: dict[Output, MeanMeter] = {}
        self._times: list[float] = []

    def take(self, batch: Batch, kept: Samples) -> None:
        """Score a batch of squares, both outputs at once."""
        images = to_images(batch, self._runtime, self._outputs)
        with self._runtime.autocast():
            begun = self._runtime.now()
            predictions = self._network(images.x)
            self._times.append((self._runtime.now() - begun) / len(images))
        for output, target in images.targets.items():
            self._add_loss(output, predictions[output], target)
            clamped = predictions[output].clamp(0, 1)
            kept.take(output, clamped, self._scores.take(output, clamped, target))

    def take_whole(self, batch: Batch) -> None:
        """Score a whole image at one scale."""
        images = to_images(batch, self._runtime, self._outputs)
        for output, target in images.targets.items():
            begun = self._runtime.now()
            prediction = self._predict(images.x, output)
            self._times.append(self._runtime.now() - begun)
            self._add_loss(output, _middle(prediction), _middle(target))
            pair = compared(prediction, target, SCALES[output], grey=batch.grey)
            self._scores.take(output, *pair.rgb)
            self._luma.take(output, *pair.luma)

    def look(self, batch: Batch, kept: Samples) -> None:
        """Predict some squares to look at, in addition to the scored images."""
        images = to_images(batch, self._runtime, self._outputs)
        predictions = self._network(images.x)
        for output, target in images.targets.items():
            clamped = predictions[output].clamp(0, 1)
            found = {metric.name: metric.score(clamped, target) for metric in IMAGE_METRICS}
            kept.take(output, clamped, found)

    def means(self) -> dict[str, float]:
        """Return all metrics by their short names."""
        loss = sum(meter.means()["loss"] for meter in self._losses.values())
        means = self._scores.means() | self._luma.means()
        return {"loss": loss, **means, "ms_per_image": 1000 * median(self._times)}

    def _add_loss(self, output: Output, prediction: Tensor, target: Tensor) -> None:
        if output not in self._losses:
            self._losses[output] = MeanMeter(["loss"], self._runtime.device)
        with self._runtime.autocast():
            loss = self._criterion(prediction, target)
        self._losses[output].add(loss * len(target))
        self._losses[output].count(len(target))

    def _predict(self, x: Tensor, output: Output) -> Tensor:
        height, width = x.shape[-2:]
        if max(height, width) <= TILE:
            predicted: Tensor = self._network(x)[output]
            return predicted
        seen = reach_of(self._network)
        if seen is None:  # it looks at the whole image, so tiles would give another result
            whole: Tensor = self._network(x)[output]
            return whole
        scale = SCALES[output]
        image = x.new_empty(1, 3, height * scale, width * scale)
        grid = grid_of(self._network)
        side, margin = on_grid(TILE, grid), on_grid(seen, grid)
        for tile in predict_tiles(self._network, x[0], output, tile=side, margin=margin):
            rows = slice(tile.top, tile.top + tile.pixels.shape[-2])
            image[0, :, rows, tile.left : tile.left + tile.pixels.shape[-1]] = tile.pixels
        return image


def reach_of(network: nn.Module) -> int | None:
    """Return the reach of a network, measured once because it does not depend on the weights."""
    known = _REACH.get(network, -1)
    if known == -1:
        known = _REACH[network] = reach(network)
    return known


_REACH: "WeakKeyDictionary[nn.Module, int | None]" = WeakKeyDictionary()


def _middle(image: Tensor) -> Tensor:
    height, width = image.shape[-2:]
    top, left = max(height - LOSS_SIDE, 0) // 2, max(width - LOSS_SIDE, 0) // 2
    return image[..., top : top + LOSS_SIDE, left : left + LOSS_SIDE]


def total_loss(criterion: nn.Module, predictions: dict[Output, Tensor], batch: Images) -> Tensor:
    """Return the loss summed over the outputs."""
    losses = [criterion(predictions[output], target) for output, target in batch.targets.items()]
    return torch.stack(losses).sum()
