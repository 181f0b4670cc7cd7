"""Whether a network also uses the features of a network that was trained on photographs."""

from typing import Annotated, Literal

from pydantic import Field

from sr_models.frozen import FrozenConfig
from sr_models.networks.vgg16.source import Layers, Weights


class NoFeatures(FrozenConfig):
    """The network sees only the image."""

    type: Literal["none"] = "none"


class Vgg16Features(FrozenConfig):
    """Features of VGG16 are added to those of the first convolution, at the size of `x`."""

    type: Literal["vgg16"] = "vgg16"

    weights: Weights = "imagenet"
    """`imagenet` (downloaded), `random`, or the path of a .safetensors or .pth file."""

    layers: Layers = ("relu1_2", "relu2_2", "relu3_3")
    """The layers whose features are added, from shallow to deep."""

    frozen: bool = True
    """Keep VGG16's weights fixed; otherwise they are trained with the rest."""


Features = Annotated[NoFeatures | Vgg16Features, Field(discriminator="type")]
