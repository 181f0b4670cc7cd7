"""The user's own network, with its outputs checked and converted to float32."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from sr_models.bicubic import bicubic_upscale
from sr_models.errors import CodeError
from sr_models.networks.base import Skip
from sr_models.scales import SCALES, Output


class OwnNetwork(nn.Module):
    """A network that predicts all outputs, or a network for each of them.

    Args:
        code: its name, for messages.
        networks: a network for each output; or a single network that maps to a dictionary.
        outputs: the outputs.
        skip: `bicubic` if the networks predict the difference from it.
    """

    def __init__(
        self,
        code: str,
        networks: Mapping[Output, nn.Module] | nn.Module,
        outputs: tuple[Output, ...],
        skip: Skip,
    ) -> None:
        super().__init__()
        self._code = code
        self._outputs = outputs
        self._skip = skip
        self.network = (
            networks
            if isinstance(networks, nn.Module)
            else nn.ModuleDict({output: networks[output] for output in networks})
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to a float32 image for each output, not clamped.

        Raises:
            CodeError: the code does not return a dictionary of such images.
        """
        if isinstance(self.network, nn.ModuleDict):
            found: Any = {output: self.network[output](x) for output in self._outputs}
        else:
            found = self.network(x)
        if not isinstance(found, Mapping) or not set(self._outputs) <= set(found):
            raise CodeError(f"{self._code} must return a dictionary with {list(self._outputs)}")
        return {output: self._image(found[output], x, output) for output in self._outputs}

    def _image(self, image: Any, x: Tensor, output: Output) -> Tensor:
        scale = SCALES[output]
        wanted = (x.shape[0], 3, x.shape[2] * scale, x.shape[3] * scale)
        if not isinstance(image, Tensor) or image.shape != wanted:
            shape = tuple(image.shape) if isinstance(image, Tensor) else type(image).__name__
            raise CodeError(f"{self._code} returns {shape} at scale {scale}, not {wanted}")
        base = bicubic_upscale(x.float(), scale) if self._skip == "bicubic" else 0.0
        return image.float() + base
