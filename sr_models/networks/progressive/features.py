"""Whether a network is helped by the features of another one that knows photographs."""

from typing import Annotated, Literal

from pydantic import Field

from sr_models.frozen import FrozenConfig
from sr_models.networks.vgg16.source import Layers, Weights


class NoFeatures(FrozenConfig):
    """The network sees the image alone."""

    type: Literal["none"] = "none"


class Vgg16Features(FrozenConfig):
    """Features of VGG16 join those of the first convolution, at the size of `x`."""

    type: Literal["vgg16"] = "vgg16"

    weights: Weights = "imagenet"
    """`imagenet` (downloaded), `random`, or the path of a .safetensors or .pth file."""

    layers: Layers = ("relu1_2", "relu2_2", "relu3_3")
    """Which layers join, from shallow to deep."""

    frozen: bool = True
    """Keep VGG16's weights as they are; otherwise they are trained with the rest."""


Features = Annotated[NoFeatures | Vgg16Features, Field(discriminator="type")]
