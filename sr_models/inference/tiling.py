"""Predicting a large image in tiles, exactly as if it were predicted at once."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn

from sr_models.scales import SCALES, Output

GRID = 16
"""Tiles start at multiples of this, in pixels of `x`, so that a network that pools sees the same
grid. For a network with windowed attention they also start at multiples of its windows."""

_WINDOWS = (32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Tile:
    """A part of a predicted image: its position, and its pixels (3, h, w), RGB in [0, 1]."""

    top: int
    left: int
    pixels: Tensor


@dataclass(frozen=True)
class Span:
    """Along an axis, in pixels of `x`: what a tile predicts, and what it has to see for that."""

    start: int
    end: int
    seen_start: int
    seen_end: int

    @property
    def seen(self) -> slice:
        """The slice of `x` that is seen."""
        return slice(self.seen_start, self.seen_end)

    def predicted(self, scale: int) -> slice:
        """Return the slice of the prediction from what is seen that is kept."""
        start = (self.start - self.seen_start) * scale
        return slice(start, start + (self.end - self.start) * scale)


def grid_of(network: nn.Module) -> int:
    """Return the multiple at which a network's tiles start: of `GRID` and of its windows."""
    said = (getattr(module, "window_size", None) for module in network.modules())
    sides = {side for size in said for side in (size if isinstance(size, list | tuple) else [size])}
    return math.lcm(GRID, *(side for side in sides if isinstance(side, int) and side > 0))


@torch.inference_mode()
def reach(network: nn.Module) -> int | None:
    """Measure how deep into a tile its prediction depends on what is outside, in pixels of `x`.

    A NaN makes everything that depends on it NaN, so the inner part of a window with a frame of
    NaNs shows the reach. None: there is no inner part however large the window is, because the
    network looks at the whole image.
    """
    device = next((weight.device for weight in network.parameters()), torch.device("cpu"))
    frame = grid_of(network)
    for window in _WINDOWS:
        side = on_grid(window, frame) + 2 * frame
        x = torch.full((1, 3, side, side), torch.nan, device=device)
        x[..., frame:-frame, frame:-frame] = 0
        depths = [_depth(image, SCALES[output], frame) for output, image in network(x).items()]
        known = [depth for depth in depths if depth is not None]
        if len(known) == len(depths):
            return max(known)
    return None


def on_grid(length: int, grid: int = GRID) -> int:
    """Round up to a multiple of the grid."""
    return grid * math.ceil(length / grid)


def tile_count(height: int, width: int, tile: int) -> int:
    """Return how many tiles an image of this size is cut into."""
    return math.ceil(height / tile) * math.ceil(width / tile)


def spans(length: int, tile: int, margin: int) -> list[Span]:
    """Cut an axis of `x` into tiles of at most `tile` pixels that see `margin` more each way."""
    starts = range(0, length, tile)
    ends = [min(start + tile, length) for start in starts]
    return [
        Span(start, end, max(start - margin, 0), min(end + margin, length))
        for start, end in zip(starts, ends, strict=True)
    ]


@torch.inference_mode()
def predict_tiles(
    network: nn.Module, x: Tensor, output: Output, *, tile: int, margin: int
) -> Iterator[Tile]:
    """Predict (3, h, w), RGB in [0, 1], in tiles, with the memory of a single tile.

    Args:
        network: predicts `output`.
        x: on the device of the network.
        output: which prediction.
        tile: side of a tile in pixels of `x`, a multiple of the network's grid.
        margin: how much more a tile sees, a multiple of the grid; the network's reach or more.

    Yields:
        The tiles of the predicted image, clamped.
    """
    scale = SCALES[output]
    height, width = x.shape[-2:]
    for rows, columns in product(spans(height, tile, margin), spans(width, tile, margin)):
        predicted = network(x[None, :, rows.seen, columns.seen])[output][0].clamp(0, 1)
        pixels = predicted[:, rows.predicted(scale), columns.predicted(scale)]
        yield Tile(rows.start * scale, columns.start * scale, pixels)


def _depth(image: Tensor, scale: int, frame: int) -> int | None:
    """How deep inside the window the finite values in (1, 3, h, w) begin, in pixels of `x`."""
    rows, columns = image.isfinite().all(dim=1)[0].nonzero(as_tuple=True)
    if not len(rows):
        return None
    first = int(torch.cat([rows, columns]).min())
    last = int(torch.cat([image.shape[-2] - 1 - rows, image.shape[-1] - 1 - columns]).min())
    return math.ceil(max(first, last) / scale) - frame
