"""PSNR against scikit-image, and what it does where the formula has no number."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sr_models.metrics import psnr, report_scale


def photographs(folder: Path) -> torch.Tensor:
    """(2, 3, 96, 120), a real photograph and a spoilt copy of it."""
    image = Image.open(folder / "set14" / "img_001.png").crop((100, 200, 220, 296))
    spoilt = image.resize((40, 32)).resize((120, 96))
    return torch.stack([torch.from_numpy(np.array(part)) for part in (image, spoilt)]).permute(
        0, 3, 1, 2
    )


@pytest.mark.parametrize("border", [0, 1, 5])
def test_it_agrees_with_scikit_image(border: int) -> None:
    from skimage.metrics import peak_signal_noise_ratio

    prediction, target = torch.rand(4, 3, 15, 22), torch.rand(4, 3, 15, 22)
    inner = (slice(None), slice(border, 15 - border), slice(border, 22 - border))
    wanted = [
        peak_signal_noise_ratio(t[inner].numpy(), p[inner].numpy(), data_range=1)
        for p, t in zip(prediction, target, strict=True)
    ]
    found = psnr(prediction, target, border=border)
    assert found.shape == (4,)
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-4)


def test_it_agrees_on_a_photograph(shared_data: Path) -> None:
    from skimage.metrics import peak_signal_noise_ratio

    target, prediction = photographs(shared_data)
    wanted = peak_signal_noise_ratio(target.numpy(), prediction.numpy(), data_range=255)
    found = psnr(prediction[None].float() / 255, target[None].float() / 255)
    assert found.item() == pytest.approx(wanted, abs=1e-4)


@given(st.floats(1e-4, 1, allow_nan=False), st.integers(1, 12), st.integers(1, 12))
def test_a_constant_error_has_its_own_decibels(error: float, height: int, width: int) -> None:
    target = torch.zeros(1, 3, height, width)
    assert psnr(target + error, target).item() == pytest.approx(-20 * math.log10(error), abs=1e-3)


def test_a_perfect_prediction_has_100_decibels() -> None:
    x = torch.rand(2, 3, 5, 5)
    assert psnr(x, x).tolist() == [100.0, 100.0]


def test_what_is_not_a_number_stays_so() -> None:
    x = torch.rand(2, 3, 5, 5)
    y = x.clone()
    y[0, 0, 0, 0] = torch.nan
    found = psnr(y, x)
    assert found[0].isnan()
    assert found[1] == 100


def test_bf16_is_compared_in_float32() -> None:
    x = torch.rand(1, 3, 64, 64)
    found = psnr(x.bfloat16(), x)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(psnr(x.bfloat16().float(), x).item(), abs=1e-4)


@pytest.mark.parametrize("border", [-1, 3, 8])
def test_a_border_must_leave_something(border: int) -> None:
    with pytest.raises(ValueError, match="leaves nothing of 9 x 5"):
        psnr(torch.rand(1, 3, 5, 9), torch.rand(1, 3, 5, 9), border=border)


def test_the_reports_scale() -> None:
    """Step 3 of the report: two outputs of an MSE of about 0.0074 each, printed as 4.317."""
    decibels = [-10 * math.log10(0.014841 / 2)] * 2
    assert report_scale(decibels) == pytest.approx(4.26, abs=0.01)
    assert report_scale([22.167725, 22.167975]) == pytest.approx(4.43357)
