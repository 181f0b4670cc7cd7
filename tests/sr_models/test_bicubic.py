"""Bicubic resizing against Pillow, against known numbers, and against itself."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sr_models.bicubic import bicubic_upscale, imresize
from sr_models.data.resample import resize


@pytest.mark.parametrize("scale", [2, 4])
def test_upscaling_is_pillows(scale: int) -> None:
    image = np.random.default_rng(0).random((9, 13), dtype=np.float32)
    wanted = np.asarray(
        Image.fromarray(image).resize((13 * scale, 9 * scale), Image.Resampling.BICUBIC)
    )
    found = bicubic_upscale(torch.from_numpy(image)[None, None], scale)[0, 0]
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize("scale", [2, 4])
def test_both_upscalings_agree_away_from_the_border(scale: int) -> None:
    image = torch.rand(2, 3, 10, 12)
    pillow, matlab = bicubic_upscale(image, scale), imresize(image, 10 * scale, 12 * scale)
    inner = (..., slice(2 * scale, -2 * scale), slice(2 * scale, -2 * scale))
    torch.testing.assert_close(pillow[inner], matlab[inner])
    assert not torch.allclose(pillow, matlab)


def test_halving_has_the_weights_of_keys_kernel() -> None:
    """An impulse is spread by the kernel, stretched to twice its width."""
    impulse = torch.zeros(1, 1, 1, 16, dtype=torch.float64)
    impulse[..., 8] = 1
    found = imresize(impulse, 1, 8)[0, 0, 0]
    kernel = torch.tensor([-0.01171875, 0.11328125, 0.43359375, -0.03515625])
    torch.testing.assert_close(found[2:6].float(), kernel.roll(0)[[0, 1, 2, 3]], check_dtype=False)


def test_doubling_has_the_weights_of_keys_kernel() -> None:
    impulse = torch.zeros(1, 1, 1, 9, dtype=torch.float64)
    impulse[..., 4] = 1
    found = imresize(impulse, 1, 18)[0, 0, 0, 5:13]
    half = [-0.0234375, -0.0703125, 0.2265625, 0.8671875]
    torch.testing.assert_close(found, torch.tensor(half + half[::-1], dtype=torch.float64))


def test_it_makes_the_same_small_images_as_training_data() -> None:
    """Two implementations of MATLAB's imresize, one in torch, one for the decoder."""
    pixels = np.random.default_rng(1).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    wanted = resize(Image.fromarray(pixels), 32, "antialiased")
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None].double()
    found = imresize(image, 32, 32).clamp(0, 255).round()[0].permute(1, 2, 0).numpy()
    assert np.abs(found - wanted).max() <= 1  # a tie may round either way
    assert (found != wanted).mean() < 1e-3


@settings(deadline=None, max_examples=30)
@given(
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    new=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    value=st.floats(0, 1, width=32),
)
def test_a_flat_image_stays_flat(size: tuple[int, int], new: tuple[int, int], value: float) -> None:
    found = imresize(torch.full((1, 2, *size), value), *new)
    assert found.shape == (1, 2, *new)
    torch.testing.assert_close(found, torch.full_like(found, value), atol=1e-5, rtol=0)


def test_mirroring_an_image_mirrors_the_result() -> None:
    image = torch.rand(1, 3, 11, 17, dtype=torch.float64)
    found = imresize(image.flip(-1), 5, 8)
    torch.testing.assert_close(found.flip(-1), imresize(image, 5, 8))


def test_bytes_are_resized_too() -> None:
    image = torch.randint(0, 256, (1, 3, 8, 8), dtype=torch.uint8)
    torch.testing.assert_close(imresize(image, 4, 4), imresize(image.float(), 4, 4))
