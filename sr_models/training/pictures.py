"""Pictures for people: what is to be predicted, once a study, and what is predicted each epoch.

Layout, in the study's folder and in each trial's:

    pictures/index.json                     {"images": [{"k": 0, "name": "135069.jpg"}]}
    pictures/<k>-{x,mid,large,bicubic-mid,bicubic-large}.png
    pictures/epoch-0007/<k>-{mid,large}.webp
    pictures/epoch-0007/metrics.json        {"0": {"mid": {"psnr": 28.1, "ssim": 0.81,
                                             "bicubic": 27.9, "bicubic-ssim": 0.8}}}

The scores are those of the predictions themselves: a picture as it is kept is further from its
target, for a network of 30 dB at x2 by 0.7 dB (up to 1.8), at x4 by 0.1 dB (up to 0.4), and by 0.02
(0.05) and 0.01 (0.02) of SSIM.
"""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from sr_models.atomic import write_atomically
from sr_models.bicubic import bicubic_upscale
from sr_models.metrics import psnr, ssim
from sr_models.scales import SCALES, Output
from sr_models.training.checkpoint import writing
from sr_models.training.data import TrainingData

if TYPE_CHECKING:
    from sr_models.data import Batch
    from sr_models.training.validation import Samples

FOLDER = "pictures"

# 39 dB from the original at 288 pixels and 23 kB, far closer than predictions are to their targets;
# lossless pictures are 4 times as large.
QUALITY = 90


def write_target_pictures(folder: Path, data: TrainingData, count: int) -> None:
    """Write the first validation images and their bicubic upscaling into `folder`/pictures.

    Raises:
        CheckpointError: they cannot be written.
    """
    names = [{"k": k, "name": name} for k, name in enumerate(data.validation_names[:count])]
    pictures = folder / FOLDER
    with writing(pictures):
        pictures.mkdir(parents=True, exist_ok=True)
        for file, image in _targets(data, count):
            write_atomically(pictures / file, _encode(image, format="PNG"))
        write_atomically(pictures / "index.json", json.dumps({"images": names}).encode())


def write_epoch_pictures(
    folder: Path, epoch: int, samples: "Samples", bicubic: Mapping[Output, list[dict[str, float]]]
) -> None:
    """Write an epoch's predictions and their scores into `folder`/pictures/epoch-N."""
    pictures = folder / FOLDER / f"epoch-{epoch:04d}"
    pictures.mkdir(parents=True, exist_ok=True)
    scores: dict[str, dict[str, Any]] = {}
    for output, images in samples.images.items():
        for k, image in enumerate(images):
            content = _encode(to_uint8(image), format="WEBP", quality=QUALITY)
            # No fsync: there are many, and they are written again after a power failure.
            write_atomically(pictures / f"{k}-{output}.webp", content, durable=False)
            own = {name: float(score) for name, score in samples.scores[output][k].items()}
            scores.setdefault(str(k), {})[output] = own | bicubic[output][k]
    write_atomically(pictures / "metrics.json", json.dumps(scores).encode(), durable=False)


def bicubic_scores(data: TrainingData, count: int) -> dict[Output, list[dict[str, float]]]:
    """Score bicubic upscaling on each of the first validation images.

    Returns:
        By output, for each image `bicubic` (PSNR, dB) and `bicubic-ssim`.
    """
    if count == 0:
        return {}
    batch = data.sample_images(count)
    found: dict[Output, list[dict[str, float]]] = {}
    for output, image in _bicubic(batch).items():
        pair = image.float() / 255, batch.targets[output].float() / 255
        scores = zip(psnr(*pair).tolist(), ssim(*pair).tolist(), strict=True)
        found[output] = [{"bicubic": in_db, "bicubic-ssim": alike} for in_db, alike in scores]
    return found


def picture_bytes(data: TrainingData, count: int, outputs: tuple[Output, ...]) -> int:
    """Return about how much disk space an epoch's pictures take: as much as the targets would."""
    if count == 0:
        return 0
    return sum(
        len(_encode(image, format="WEBP", quality=QUALITY))
        for output, images in data.sample_images(count).targets.items()
        if output in outputs
        for image in images
    )


def to_uint8(images: Tensor) -> Tensor:
    """Round images in [0, 1] to uint8 in [0, 255]; values outside are clamped."""
    return images.float().clamp(0, 1).mul(255).round().to(torch.uint8)


def _targets(data: TrainingData, count: int) -> Iterator[tuple[str, Tensor]]:
    if count == 0:
        return
    batch = data.sample_images(count)
    bicubic = {f"bicubic-{output}": images for output, images in _bicubic(batch).items()}
    targets = {str(output): images for output, images in batch.targets.items()}
    shown = {"x": batch.x, **targets, **bicubic}
    for kind, images in shown.items():
        for k, image in enumerate(images):
            yield f"{k}-{kind}.png", image


def _bicubic(batch: "Batch") -> dict[Output, Tensor]:
    x = batch.x.float() / 255
    return {output: to_uint8(bicubic_upscale(x, SCALES[output])) for output in batch.targets}


def _encode(image: Tensor, **options: Any) -> bytes:
    """Encode a (3, H, W) uint8 image."""
    from PIL import Image

    content = BytesIO()
    Image.fromarray(image.permute(1, 2, 0).cpu().numpy()).save(content, **options)
    return content.getvalue()
