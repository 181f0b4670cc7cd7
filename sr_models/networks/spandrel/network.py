"""Adapting spandrel's networks to this package."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from sr_models.bicubic import bicubic_upscale
from sr_models.errors import WeightsError
from sr_models.networks.base import Skip
from sr_models.networks.spandrel.architectures import ARCHITECTURES
from sr_models.scales import SCALES, Output


class SingleScale(nn.Module):
    """A network of a single scale; images are padded to the sizes that it accepts."""

    def __init__(self, network: nn.Module, scale: int, minimum: int, multiple: int) -> None:
        super().__init__()
        self.network = network
        self._scale = scale
        self._minimum = minimum
        self._multiple = multiple

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 3, h, w) to (N, 3, scale h, scale w), float32."""
        height, width = x.shape[-2:]
        right, below = self._missing(width), self._missing(height)
        if right or below:
            x = F.pad(x, (0, right, 0, below), mode="replicate")
        image: Tensor = self.network(x)
        return image[..., : height * self._scale, : width * self._scale].float()

    def _missing(self, length: int) -> int:
        wanted = max(length, self._minimum)
        return -(-wanted // self._multiple) * self._multiple - length


class SingleScales(nn.Module):
    """A network for each output, and what its image is added to."""

    def __init__(self, heads: Mapping[Output, nn.Module], skip: Skip) -> None:
        super().__init__()
        self._skip = skip
        self.heads = nn.ModuleDict({output: heads[output] for output in heads})

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to a float32 image for each output, not clamped."""
        return {
            output: self._skipped(self.heads[output](x), x, SCALES[output])
            for output in SCALES
            if output in self.heads
        }

    def _skipped(self, image: Tensor, x: Tensor, scale: int) -> Tensor:
        return image + bicubic_upscale(x.float(), scale) if self._skip == "bicubic" else image


def build_single(name: str, args: Mapping[str, Any], output: Output) -> SingleScale:
    """Build a network with random weights.

    Args:
        name: the architecture, a key of `ARCHITECTURES`.
        args: arguments of its class.
        output: its output, which decides the scale.

    Raises:
        WeightsError: the arguments do not make a network of that scale.
    """
    known, scale = ARCHITECTURES[name], SCALES[output]
    module = import_module(f"spandrel.architectures.{known.module}")
    arguments: dict[str, Any] = {**known.fixed, **args, known.scale: scale}
    if args.get(known.scale, scale) != scale:
        raise WeightsError(f"network.args.{known.scale}: the scale follows from network.outputs")
    try:
        network = getattr(module, name)(**arguments)
        described = _described(module, known.module, network)
    except Exception as error:  # these classes may raise anything
        raise WeightsError(
            f"network: spandrel's {name} cannot be built with args "
            f"{dict(args)}: {str(error) or type(error).__name__}"
        ) from error
    if described.scale != scale:
        raise WeightsError(
            f"network: with args {dict(args)}, spandrel's {name} enlarges "
            f"{described.scale} times, not {scale}"
        )
    sizes = described.size_requirements
    return SingleScale(network, scale, sizes.minimum, sizes.multiple_of)


def _described(module: Any, name: str, network: nn.Module) -> Any:
    """Spandrel's description of a network, as if its weights were read from a file."""
    return getattr(module, f"{name}Arch")().load(dict(network.state_dict()))
