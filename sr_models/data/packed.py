"""Images of any size in a single tensor of bytes, and patches cut from them."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sr_models.data.resample import Pixels


class PackedImages:
    """Images on a device, from which many patches are cut at once.

    Args:
        images: (height, width, 3) each, uint8.
        device: the device for the images.
    """

    def __init__(self, images: Sequence[Pixels], device: torch.device) -> None:
        starts = np.cumsum([0, *(image.size for image in images)])
        self._bytes = torch.empty(int(starts[-1]), dtype=torch.uint8, device=device)
        for image, start in zip(images, starts, strict=False):
            self._bytes[start : start + image.size] = torch.tensor(image, device=device).flatten()
        self._starts = torch.from_numpy(starts[:-1]).to(device)
        self._widths = torch.tensor([image.shape[1] for image in images], device=device)

    @property
    def device(self) -> torch.device:
        """The device of the images."""
        return self._bytes.device

    def patches(self, rows: Tensor, places: Tensor, side: int) -> Tensor:
        """Cut and turn patches, by gathering the source of each pixel.

        Args:
            rows: (N,), the image of each patch.
            places: (N, 3): left, top, and the orientation: 2 times the quarter turns to the left,
                plus 1 if it is mirrored first.
            side: of the patches in pixels.

        Returns:
            (N, 3, side, side), uint8, in channels_last memory format.
        """
        left, top, way = (column[:, None, None] for column in places.unbind(1))
        row, column = turned_grid(side, way)
        pixel = (top + row) * self._widths[rows][:, None, None] + left + column
        first = self._starts[rows][:, None, None] + 3 * pixel
        found = self._bytes[first[..., None] + torch.arange(3, device=first.device)]
        return found.permute(0, 3, 1, 2)


def turned_grid(side: int, way: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each pixel of turned patches which row and column of the patch it shows.

    Args:
        side: of the patch in pixels.
        way: (N, 1, 1), 2 times the quarter turns to the left, plus 1 if it is mirrored first.

    Returns:
        Rows and columns, (N, side, side) each.
    """
    row = torch.arange(side, device=way.device)[None, :, None].expand(len(way), side, side)
    column = row.transpose(1, 2)
    last = side - 1
    turns = way // 2
    # A quarter turn to the left shows at (r, c) what was at (c, last - r).
    for turn in (1, 2, 3):
        again = turns >= turn
        row, column = torch.where(again, column, row), torch.where(again, last - row, column)
    return row, torch.where(way % 2 == 1, last - column, column)
