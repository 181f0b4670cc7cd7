"""Adding VGG16's features to a network at another resolution."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sr_models.networks.layers.blocks import RESIDUAL_SCALE
from sr_models.networks.layers.convolution import convolution
from sr_models.networks.layers.residual_init import START
from sr_models.networks.progressive.features import Vgg16Features
from sr_models.networks.vgg16.network import Vgg16
from sr_models.networks.vgg16.source import CHANNELS, STRIDES, Layer


class Laterals(nn.Module):
    """Each layer's features, mixed by a 1x1 convolution, resized to the size of `x`, and summed.

    Scaled like residual branches, because they are added to the network's own features. The lateral
    connections of Lin et al. 2017, "Feature Pyramid Networks". A sum of mixed features equals a 1x1
    convolution over all of them together, at a fraction of the cost, because each layer is mixed at
    its own resolution.
    """

    def __init__(self, config: Vgg16Features, channels: int, *, pretrained: bool) -> None:
        super().__init__()
        self.frozen = config.frozen
        self.extractor = Vgg16(config.layers, config.weights, pretrained=pretrained)
        self.extractor.requires_grad_(not config.frozen)
        self.mix = nn.ModuleDict(
            {
                layer: convolution(CHANNELS[layer], channels, kernel=1, gain=START / RESIDUAL_SCALE)
                for layer in config.layers
            }
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 3, h, w), RGB in [0, 1], to (N, channels, h, w)."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            features = self.extractor(x)
        height, width = x.shape[-2:]
        joined = [
            _enlarge(self.mix[layer](features[layer]), layer)[..., :height, :width]
            for layer in self.extractor.layers
        ]
        return torch.stack(joined).sum(dim=0) * RESIDUAL_SCALE


def _enlarge(features: Tensor, layer: Layer) -> Tensor:
    # By the stride, then cut: to the exact size would shift the features of odd sizes.
    if STRIDES[layer] == 1:
        return features
    return F.interpolate(features, scale_factor=STRIDES[layer], mode="bilinear")
