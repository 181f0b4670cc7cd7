"""Enlarging images with a model file, or with bicubic interpolation through the same interface."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from sr_models.bicubic import imresize
from sr_models.errors import UserError
from sr_models.inference.model_file import load_model, read_description
from sr_models.inference.precision import InPrecision, Precision
from sr_models.inference.tiling import Tile, grid_of, on_grid, predict_tiles, reach
from sr_models.scales import SCALES, Output

BICUBIC = "bicubic"
TILE = 192
"""Side in pixels of `x`. With it, networks of 64 channels take about 1 GB, for images of any
size."""


class Bicubic(nn.Module):
    """MATLAB's bicubic enlargement as if it were a network."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to the output."""
        scale = SCALES[self._output]
        return {self._output: imresize(x, x.shape[-2] * scale, x.shape[-1] * scale)}


class Upscaler:
    """Enlarges images of any size by one scale, in tiles.

    Args:
        network: predicts `output`.
        output: which prediction.
        device: where to compute.
        precision: of the network's convolutions.
    """

    def __init__(
        self,
        network: nn.Module,
        output: Output,
        device: torch.device,
        precision: Precision = "fp32",
    ) -> None:
        network = network.to(device).eval()
        self._reach = reach(network)
        self._grid = grid_of(network)
        self._network = InPrecision(network, precision)
        self._output = output
        self._device = device
        self.scale = SCALES[output]

    @property
    def in_tiles(self) -> bool:
        """Whether images are processed in tiles, unless the network looks at the whole image."""
        return self._reach is not None

    def side(self, tile: int) -> int:
        """Return the side of tiles, in pixels of `x`, that is closest to `tile`."""
        return on_grid(tile, self._grid)

    def tiles(self, x: Tensor, *, tile: int = TILE) -> Iterator[Tile]:
        """Enlarge (3, h, w), RGB in [0, 1]; yield the tiles of the result, on the CPU, clamped."""
        # for a network that looks at the whole image, tiles would differ from it
        tile = self.side(tile if self.in_tiles else max(x.shape[-2:]))
        margin = on_grid(self._reach or 0, self._grid)
        x = x.to(self._device)
        for part in predict_tiles(self._network, x, self._output, tile=tile, margin=margin):
            yield Tile(part.top, part.left, part.pixels.cpu())

    def enlarge(self, x: Tensor) -> Tensor:
        """Enlarge (3, h, w), RGB in [0, 1], to (3, scale h, scale w), clamped."""
        image = torch.empty(3, x.shape[-2] * self.scale, x.shape[-1] * self.scale)
        for part in self.tiles(x):
            height, width = part.pixels.shape[-2:]
            image[:, part.top : part.top + height, part.left : part.left + width] = part.pixels
        return image


def open_upscaler(
    model: str, output: Output, device: torch.device, precision: Precision = "fp32"
) -> Upscaler:
    """Open a model file, or `bicubic`.

    Args:
        model: the file, or `bicubic`.
        output: which prediction.
        device: where to compute.
        precision: of the network's convolutions.

    Raises:
        WeightsError: it is not a model file, or does not predict this output.
    """
    network = Bicubic(output) if model == BICUBIC else load_model(Path(model), only=output)[0]
    return Upscaler(network, output, device, precision)


def outputs_of(model: str) -> tuple[Output, ...]:
    """Return the outputs of a model file, without reading its weights; `bicubic` has all."""
    if model == BICUBIC:
        return tuple(SCALES)
    predicted = read_description(Path(model))["network"]["outputs"]
    return tuple(output for output in SCALES if output in predicted)


def choose_device(name: str) -> torch.device:
    """Return the device; `auto` is a GPU if there is one.

    Raises:
        UserError: `cuda` is asked for but not available.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("--device cuda: PyTorch sees no CUDA GPU here")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
