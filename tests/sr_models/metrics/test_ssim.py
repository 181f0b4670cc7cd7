"""SSIM against scikit-image."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.nn.functional import avg_pool2d

from sr_models.metrics import ssim


def reference(prediction: torch.Tensor, target: torch.Tensor, **options: Any) -> float:
    from skimage.metrics import structural_similarity

    return float(
        structural_similarity(
            prediction.double().numpy(),
            target.double().numpy(),
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1,
            **options,
        )
    )


@settings(deadline=None, max_examples=25)
@given(
    height=st.integers(11, 40),
    width=st.integers(11, 40),
    channels=st.sampled_from([1, 3]),
    noise=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_it_agrees_with_scikit_image(
    height: int, width: int, channels: int, noise: float, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    target = torch.rand(2, channels, height, width, generator=generator)
    other = torch.rand(2, channels, height, width, generator=generator)
    prediction = (1 - noise) * target + noise * other
    wanted = [reference(p, t) for p, t in zip(prediction, target, strict=True)]
    found = ssim(prediction, target)
    assert found.shape == (2,)
    np.testing.assert_allclose(found.numpy(), wanted, atol=3e-6)


@pytest.mark.parametrize("border", [0, 4])
def test_it_agrees_on_a_photograph(shared_data: Path, border: int) -> None:
    image = Image.open(shared_data / "set14" / "img_001.png").crop((100, 200, 220, 296))
    spoilt = image.resize((40, 32)).resize((120, 96))
    target, prediction = (
        torch.from_numpy(np.array(part)).permute(2, 0, 1) / 255 for part in (image, spoilt)
    )
    inner = (slice(None), slice(border, 96 - border), slice(border, 120 - border))
    found = ssim(prediction[None], target[None], border=border).item()
    assert found == pytest.approx(reference(prediction[inner], target[inner]), abs=3e-6)
    assert 0.3 < found < 0.95


def flat(value: float) -> torch.Tensor:
    return torch.full((3, 48, 56), value)


def noisy(image: torch.Tensor, deviation: float, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (image + deviation * torch.randn(image.shape, generator=generator)).clamp(0, 1)


def photograph() -> torch.Tensor:
    """Of scikit-image's wheel, which has flat parts (dark and bright) and detailed ones."""
    from skimage.data import astronaut

    return torch.from_numpy(astronaut()[100:260, 150:310]).permute(2, 0, 1) / 255


LEVELS = (0.0, 1 / 255, 0.2, 0.5, 0.9, 1.0)
PAIRS: dict[str, Callable[[], tuple[torch.Tensor, torch.Tensor]]] = {
    **{f"flat {v:.3f}": lambda v=v: (flat(v), flat(v)) for v in LEVELS},
    **{f"flat {v:.3f}, shifted": lambda v=v: (flat(v), flat(abs(v - 1 / 255))) for v in LEVELS},
    **{
        f"nearly flat {v:.3f}, {s:g}": lambda v=v, s=s: (noisy(flat(v), s), noisy(flat(v), s, 1))
        for v in LEVELS
        for s in (1e-4, 1e-3, 1e-2)
    },
    **{
        f"photograph {s:g}": lambda s=s: (noisy(photograph(), s), photograph())
        for s in (0, 1e-3, 0.01, 0.1)
    },
    "photograph, inverted": lambda: (1 - photograph(), photograph()),
    "photograph, blurred": lambda: (avg_pool2d(photograph(), 5, 1, 2), photograph()),
    "photograph, darker": lambda: (photograph() * 0.7, photograph()),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
def test_nothing_cancels(pair: Callable[[], tuple[torch.Tensor, torch.Tensor]]) -> None:
    """float32 has seven digits, and a variance is a small difference of large numbers."""
    prediction, target = pair()
    found = ssim(prediction[None], target[None]).item()
    assert found == pytest.approx(reference(prediction, target), abs=3e-6)
    assert found <= 1
    assert ssim(target[None], prediction[None]).item() == pytest.approx(found, abs=1e-6)


def test_a_perfect_prediction_has_1() -> None:
    x = torch.rand(1, 3, 20, 20)
    assert ssim(x, x).item() == pytest.approx(1, abs=1e-6)
    assert ssim(1 - x, x).item() < 0


@pytest.mark.parametrize(("height", "width", "window"), [(7, 9, (7, 9)), (1, 30, (1, 11))])
def test_images_smaller_than_the_window(height: int, width: int, window: tuple[int, int]) -> None:
    """One position of the window remains: a weighted mean over the whole image."""
    x, y = torch.rand(1, 1, height, width), torch.rand(1, 1, height, width)
    assert -1 <= ssim(x, y).item() <= 1
    assert ssim(x, x).item() == pytest.approx(1, abs=1e-6)


def test_autocast_does_not_touch_it() -> None:
    x, y = torch.rand(1, 3, 40, 40), torch.rand(1, 3, 40, 40)
    with torch.autocast("cpu", torch.bfloat16):
        found = ssim(x, y)
    assert torch.equal(found, ssim(x, y))
