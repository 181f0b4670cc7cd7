"""The layers of VGG16 that can be used, and the source of its weights. Does not import torch."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from sr_models.pretrained import known_source

Layer = Literal["relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"]

LAYERS: Mapping[Layer, int] = {
    "relu1_2": 3,
    "relu2_2": 8,
    "relu3_3": 15,
    "relu4_3": 22,
    "relu5_3": 29,
}
"""The index of each layer in torchvision's `vgg16().features`."""

CHANNELS: Mapping[Layer, int] = {
    "relu1_2": 64,
    "relu2_2": 128,
    "relu3_3": 256,
    "relu4_3": 512,
    "relu5_3": 512,
}

STRIDES: Mapping[Layer, int] = {
    "relu1_2": 1,
    "relu2_2": 2,
    "relu3_3": 4,
    "relu4_3": 8,
    "relu5_3": 16,
}
"""How many pixels of the input lie between neighbouring features."""

Weights = Annotated[str, AfterValidator(known_source)]
"""`imagenet` (torchvision's download, 528 MB), `random`, or the path of a file that holds
torchvision's `features.N.weight` and `features.N.bias`, at least up to the deepest layer used."""


def ordered(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return layers that are named once each, from shallow to deep.

    Raises:
        ValueError: they are not, or there are none.
    """
    if not layers or list(layers) != [layer for layer in LAYERS if layer in layers]:
        raise ValueError(f"must be one or more of {', '.join(LAYERS)}, in this order")
    return layers


Layers = Annotated[tuple[Layer, ...], AfterValidator(ordered)]
