"""What is under alpha 0 must not be seen after enlarging."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sr_models.images.hidden import with_hidden_colours_filled
from sr_models.images.picture import Picture
from sr_models.inference.upscale_files import enlarge_picture
from sr_models.inference.upscaler import open_upscaler

SIDE = 24
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]
DISC = (ROWS - 11.5) ** 2 + (COLUMNS - 11.5) ** 2 < 64
ALPHA = np.where(DISC, 255, 0).astype(np.uint8)


def disc(colour: object, hidden: object, alpha: np.ndarray = ALPHA) -> Picture:
    shape = DISC if np.isscalar(colour) else DISC[..., None]
    return Picture(np.where(shape, colour, hidden).astype(np.uint8), alpha)


@pytest.mark.parametrize("colour", [(255, 255, 255), (10, 200, 90), 180])
def test_the_colour_of_a_shape_goes_on_around_it(colour: object) -> None:
    hidden = (0, 0, 0) if isinstance(colour, tuple) else 0
    filled = with_hidden_colours_filled(disc(colour, hidden))
    assert (filled.pixels == np.array(colour)).all()
    assert filled.alpha is ALPHA


def test_what_is_seen_keeps_its_colours() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    alpha = random.integers(0, 3, (SIDE, SIDE)).astype(np.uint8) * 100
    filled = with_hidden_colours_filled(Picture(pixels, alpha))
    assert np.array_equal(filled.pixels[alpha > 0], pixels[alpha > 0])


def test_nearer_and_more_visible_neighbours_count_more() -> None:
    pixels = np.zeros((1, 4), np.uint8)
    pixels[0] = (200, 0, 0, 100)
    alpha = np.array([[255, 0, 0, 51]], dtype=np.uint8)
    filled = with_hidden_colours_filled(Picture(pixels, alpha)).pixels[0]
    assert filled.tolist() == [200, 200, 100, 100]
    odd = Picture(
        np.array([[100, 0, 0, 0, 0]], np.uint8), np.array([[255, 0, 0, 0, 255]], np.uint8)
    )
    assert with_hidden_colours_filled(odd).pixels[0].tolist() == [100, 100, 100, 100, 0]


@pytest.mark.parametrize("alpha", [np.zeros_like(ALPHA), np.full_like(ALPHA, 255)])
def test_without_a_border_between_seen_and_hidden_nothing_changes(alpha: np.ndarray) -> None:
    picture = disc((255, 255, 255), (0, 0, 0), alpha)
    assert with_hidden_colours_filled(picture) is picture


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 0, 255)])
def test_an_enlarged_shape_has_no_fringe(hidden: tuple[int, int, int], tmp_path: Path) -> None:
    bicubic = open_upscaler("bicubic", "large", torch.device("cpu"))
    found = enlarge_picture(
        disc((240, 240, 240), hidden), bicubic, bicubic, tile=32, step=lambda: None
    )
    assert found.alpha is not None
    assert (found.alpha > 0).sum() > 16 * DISC.sum() * 0.9
    assert np.abs(found.pixels[found.alpha > 0].astype(int) - 240).max() <= 1
