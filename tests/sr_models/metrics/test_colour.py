"""Luma against the numbers of ITU-R BT.601."""

import pytest
import torch

from sr_models.metrics import rgb_to_y


@pytest.mark.parametrize(
    ("rgb", "y"),
    [
        ((0, 0, 0), 16),
        ((1, 1, 1), 235),
        ((1, 0, 0), 81.481),
        ((0, 1, 0), 144.553),
        ((0, 0, 1), 40.966),
    ],
)
def test_it_is_matlabs(rgb: tuple[float, float, float], y: float) -> None:
    found = rgb_to_y(torch.tensor(rgb).view(1, 3, 1, 1).expand(2, 3, 4, 5))
    assert found.shape == (2, 1, 4, 5)
    torch.testing.assert_close(found, torch.full_like(found, y / 255))
