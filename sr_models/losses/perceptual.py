"""The distance of two images in the features of VGG16."""

from typing import TYPE_CHECKING, Literal

from sr_models.losses.base import LossBase
from sr_models.networks.vgg16.source import Layers, Weights

if TYPE_CHECKING:
    from torch import nn


class PerceptualConfig(LossBase):
    """Mean over layers of mean((vgg(p) - vgg(t))^2), with features of a mean square of about 1.

    Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution".
    Sharper textures, lower PSNR: combine it with mae.
    """

    type: Literal["perceptual"] = "perceptual"

    weights: Weights = "imagenet"
    """`imagenet` (downloaded), `random`, or the path of a .safetensors or .pth file."""

    layers: Layers = ("relu2_2",)
    """The layers that are compared, from shallow to deep."""

    def build(self) -> "nn.Module":
        """Build the loss."""
        from sr_models.losses.criterion import FeatureDistance
        from sr_models.networks.vgg16.network import Vgg16

        return FeatureDistance(Vgg16(self.layers, self.weights))
