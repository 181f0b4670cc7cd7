"""The convolutions of VGG16, up to the deepest layer that is needed."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sr_models.networks.vgg16.source import LAYERS, Layer
from sr_models.networks.vgg16.weights import load_weights

_CHANNELS_BETWEEN_POOLINGS = ((64, 64), (128, 128), (256, 256, 256), (512,) * 3, (512,) * 3)
_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class Vgg16(nn.Module):
    """Features of RGB images in [0, 1]: configuration D of Simonyan and Zisserman 2015.

    "Very Deep Convolutional Networks for Large-Scale Image Recognition". Poolings round sizes up,
    so that images of any size have features; at multiples of 16 that changes nothing.

    Each layer's features are divided by their size on a test image, so that they are about 1, as in
    Gatys et al. 2016, "Image Style Transfer Using Convolutional Neural Networks": their size
    depends on the source of the weights (a mean square of 1 or of 100,000), and what uses them must
    not.

    Args:
        layers: the layers whose features are returned.
        weights: the source of the weights.
        pretrained: whether to read the weights.
    """

    mean: Tensor
    deviation: Tensor
    sizes: Tensor

    def __init__(self, layers: Sequence[Layer], weights: str, *, pretrained: bool = True) -> None:
        super().__init__()
        self.layers = tuple(layers)
        last = max(LAYERS[layer] for layer in layers)
        self.features = nn.Sequential(*list(_layers())[: last + 1])
        # Not in the state, so that a file of weights need not have these constants.
        self.register_buffer("mean", _per_channel(_IMAGENET_MEAN), persistent=False)
        self.register_buffer("deviation", _per_channel(_IMAGENET_DEVIATION), persistent=False)
        self.register_buffer("sizes", torch.ones(len(self.layers)))
        _initialise(self.features)
        if pretrained:
            load_weights(self.features, weights)
            self._measure_sizes()

    def forward(self, x: Tensor) -> dict[Layer, Tensor]:
        """Map (N, 3, h, w) to the features of each layer, h and w divided by its stride."""
        found = self._features(x).items()
        return {
            layer: features / size
            for (layer, features), size in zip(found, self.sizes, strict=True)
        }

    def _features(self, x: Tensor) -> dict[Layer, Tensor]:
        wanted = {LAYERS[layer]: layer for layer in self.layers}
        features: dict[Layer, Tensor] = {}
        x = (x - self.mean) / self.deviation
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in wanted:
                features[wanted[index]] = x
        return features

    @torch.no_grad()
    def _measure_sizes(self) -> None:
        features = self._features(_test_image()).values()
        sizes = torch.stack([found.square().mean().sqrt() for found in features])
        # A layer of dead features has no size, and dividing by it would spread what is no number.
        self.sizes.copy_(sizes.where(sizes > 0, torch.ones(())))


def _layers() -> Iterator[nn.Module]:
    inputs = 3
    for group in _CHANNELS_BETWEEN_POOLINGS:
        for outputs in group:
            yield nn.Conv2d(inputs, outputs, 3, padding=1)
            yield nn.ReLU()
            inputs = outputs
        yield nn.MaxPool2d(2, ceil_mode=True)


def _test_image() -> Tensor:
    """Colourful noise at all scales, which are about equally strong in photographs."""
    generator = torch.Generator().manual_seed(0)
    octaves = [torch.randn(1, 3, side, side, generator=generator) for side in (4, 8, 16, 32, 64)]
    noise = [F.interpolate(octave, size=(64, 64), mode="bilinear") for octave in octaves]
    return (0.5 + 0.1 * torch.stack(noise).sum(dim=0)).clamp(0, 1)


def _initialise(features: nn.Sequential) -> None:
    for layer in features:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _per_channel(values: tuple[float, float, float]) -> Tensor:
    return torch.tensor(values).view(1, 3, 1, 1)
