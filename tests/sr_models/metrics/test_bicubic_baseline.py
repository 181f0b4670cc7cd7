"""The baseline, computed once more image by image with other people's code."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from sr_models.data import Batch
from sr_models.metrics import bicubic_baseline


class Data:
    """Five random images, in batches that do not divide them evenly."""

    count = 5

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self.images = Batch(
            *(
                torch.randint(0, 256, (5, 3, side, side), dtype=torch.uint8, generator=generator)
                for side in (12, 24, 48)
            )
        )

    def validation_batches(self, batch_size: int) -> Iterator[Batch]:
        batch_size = 2
        for start in range(0, self.count, batch_size):
            part = slice(start, start + batch_size)
            yield Batch(self.images.x[part], self.images.mid[part], self.images.large[part])


def enlarged(x: Tensor, side: int) -> np.ndarray:
    channels = [
        Image.fromarray(channel.numpy().astype(np.float32) / 255).resize(
            (side, side), Image.Resampling.BICUBIC
        )
        for channel in x
    ]
    return np.clip(np.stack(channels), 0, 1)


def test_it_is_the_mean_over_images_of_each_images_score() -> None:
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    data = Data()
    wanted: dict[str, list[float]] = {}
    for output in ("mid", "large"):
        for x, pixels in zip(data.images.x, getattr(data.images, output), strict=True):
            prediction, target = enlarged(x, pixels.shape[-1]), pixels.numpy() / 255
            decibels = peak_signal_noise_ratio(target, prediction, data_range=1)
            similarity = structural_similarity(
                target,
                prediction,
                channel_axis=0,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
                data_range=1,
            )
            wanted.setdefault(f"psnr_{output}", []).append(decibels)
            wanted.setdefault(f"ssim_{output}", []).append(similarity)
    means = {name: float(np.mean(values)) for name, values in wanted.items()}
    means["psnr"] = (means["psnr_mid"] + means["psnr_large"]) / 2
    means["ssim"] = (means["ssim_mid"] + means["ssim_large"]) / 2
    found = bicubic_baseline(data)
    assert {name: found[f"validation/{name}"] for name in means} == pytest.approx(means, abs=1e-4)


def test_images_of_one_colour_do_not_lift_the_mean() -> None:
    data, more = Data(), Data()
    flat = [torch.full((1, 3, side, side), value) for value in (0, 200) for side in (12, 24, 48)]
    more.images = Batch(
        *(
            torch.cat([black.to(torch.uint8), images, light.to(torch.uint8)])
            for black, images, light in zip(
                flat[:3], (data.images.x, data.images.mid, data.images.large), flat[3:], strict=True
            )
        )
    )
    more.count = 7
    found, wanted = bicubic_baseline(more), bicubic_baseline(data)
    for name in ("psnr", "psnr_mid", "psnr_large"):
        assert found[f"validation/{name}"] == pytest.approx(wanted[f"validation/{name}"], abs=1e-5)


def test_where_all_images_are_of_one_colour_the_mean_is_the_maximum() -> None:
    data = Data()
    data.images = Batch(
        *(torch.full((5, 3, side, side), 7, dtype=torch.uint8) for side in (12, 24, 48))
    )
    assert bicubic_baseline(data)["validation/psnr"] == pytest.approx(100)
