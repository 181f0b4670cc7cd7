"""Networks by their configs. Importing this package does not import torch.

To add one: a file with its config, whose `build` makes the network, and a line in the union.
"""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sr_models.networks.base import NetworkBase, Skip
from sr_models.networks.edsr import EdsrConfig
from sr_models.networks.espcn import EspcnConfig
from sr_models.networks.fsrcnn import FsrcnnConfig
from sr_models.networks.light import LightConfig
from sr_models.networks.own import OwnNetworkConfig
from sr_models.networks.presets import PRESETS
from sr_models.networks.progressive import ProgressiveConfig
from sr_models.networks.spandrel import SpandrelConfig
from sr_models.networks.srcnn import SrcnnConfig

if TYPE_CHECKING:
    from torch import nn

NetworkConfig = Annotated[
    ProgressiveConfig
    | SrcnnConfig
    | FsrcnnConfig
    | EspcnConfig
    | EdsrConfig
    | LightConfig
    | SpandrelConfig
    | OwnNetworkConfig,
    Field(discriminator="type"),
]

__all__ = [
    "PRESETS",
    "EdsrConfig",
    "EspcnConfig",
    "FsrcnnConfig",
    "LightConfig",
    "NetworkBase",
    "NetworkConfig",
    "OwnNetworkConfig",
    "ProgressiveConfig",
    "Skip",
    "SpandrelConfig",
    "SrcnnConfig",
    "build_network",
    "count_parameters",
]


def build_network(config: NetworkBase, *, pretrained: bool = True) -> "nn.Module":
    """Build a network that maps `x` (N, 3, h, w), RGB in [0, 1], to {output: image}.

    Images are float32, (N, 3, 2h, 2w) for "mid" and (N, 3, 4h, 4w) for "large", and not clamped.
    The weights depend only on torch's random state.

    Args:
        config: the config of the network.
        pretrained: read the pretrained weights that the config asks for; not needed to count
            parameters, or if the weights come from a file.

    Raises:
        WeightsError: the config asks for pretrained weights that are not available.
    """
    return config.build(pretrained=pretrained)


def count_parameters(network: "nn.Module") -> int:
    """Return the number of weights that training changes, without frozen features."""
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
