"""Resampling: Pillow's filters as Pillow has them, and MATLAB's imresize."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sr_models.data.config import Resample
from sr_models.data.resample import PILLOW_FILTERS, resize

MakePhotograph = Callable[..., Image.Image]


@pytest.mark.parametrize("method", PILLOW_FILTERS)
def test_pillows_filters_are_pillows(photograph: MakePhotograph, method: Resample) -> None:
    image = photograph()
    expected = image.resize((32, 32), Image.Resampling[method.upper()])
    np.testing.assert_array_equal(resize(image, 32, method), np.asarray(expected))


@pytest.mark.parametrize(("width", "height", "side"), [(100, 80, 32), (481, 321, 72), (40, 30, 96)])
def test_antialiased_is_the_imresize_of_the_metrics(
    photograph: MakePhotograph, width: int, height: int, side: int
) -> None:
    import torch

    from sr_models.bicubic import imresize

    image = photograph(width, height)
    planes = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].double()
    expected = imresize(planes, side, side)[0].permute(1, 2, 0).clamp(0, 255).numpy()
    assert np.abs(resize(image, side, "antialiased") - expected).max() <= 0.501


def test_antialiased_is_close_to_pillows_bicubic_but_not_the_same(
    photograph: MakePhotograph,
) -> None:
    image = photograph(200, 160)
    ours, pillows = (resize(image, 50, m).astype(int) for m in ("antialiased", "bicubic"))
    assert np.abs(ours - pillows)[3:-3, 3:-3].max() <= 2  # Pillow rounds between the axes
    assert np.abs(ours - pillows).max() > 0  # and does not mirror the edges


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(16, 90),
    height=st.integers(16, 90),
    side=st.integers(4, 120),
    method=st.sampled_from(get_args(Resample)),
    colour=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_a_flat_colour_stays_as_it_is(
    width: int, height: int, side: int, method: Resample, colour: tuple[int, int, int]
) -> None:
    result = resize(Image.new("RGB", (width, height), colour), side, method)
    assert result.shape == (side, side, 3)
    assert result.dtype == np.uint8
    assert (result == colour).all()


@pytest.mark.parametrize("method", get_args(Resample))
def test_the_same_size_changes_nothing(photograph: MakePhotograph, method: Resample) -> None:
    image = photograph(64, 64)
    np.testing.assert_array_equal(resize(image, 64, method), np.asarray(image))
