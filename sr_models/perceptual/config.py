"""The settings of LPIPS and DISTS. Does not import torch."""

from typing import TYPE_CHECKING

from sr_models.frozen import FrozenConfig
from sr_models.perceptual.source import Backbone, BackboneWeights
from sr_models.pretrained import IMAGENET

if TYPE_CHECKING:
    from torch import nn


class LpipsConfig(FrozenConfig):
    """Learned perceptual image patch similarity: Zhang et al. 2018.

    "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric": squared differences of
    a network's normalised features, weighted by human judgements; from 0, lower is more similar.
    The weights of the judgements come with torchmetrics, those of the network from torchvision.
    """

    network: Backbone = "alex"
    """`alex` (AlexNet, 233 MB to download) is used in papers' results; `vgg` (VGG16, 528 MB) is
    used for training; `squeeze` (SqueezeNet 1.1, 5 MB) is the smallest."""

    weights: BackboneWeights = IMAGENET
    """Weights of the network: `imagenet`, `random`, or the path of a file with torchvision's
    layout."""

    def build_measure(self) -> "nn.Module":
        """Build a module from two images, (N, 3, H, W) in [0, 1], to (N,).

        Raises:
            WeightsError: the weights are not available.
        """
        from sr_models.perceptual.measures import Lpips

        return Lpips(self.network, self.weights)


class DistsConfig(FrozenConfig):
    """Deep image structure and texture similarity: Ding et al. 2020.

    "Image Quality Assessment: Unifying Structure and Texture Similarity": tolerates different
    textures of the same kind; from 0, lower is more similar. Uses VGG16.
    """

    weights: BackboneWeights = IMAGENET
    """Weights of VGG16: `imagenet` (528 MB to download), `random`, or a file with torchvision's
    layout."""

    def build_measure(self) -> "nn.Module":
        """Build a module from two images, (N, 3, H, W) in [0, 1], to (N,).

        Raises:
            WeightsError: the weights are not available.
        """
        from sr_models.perceptual.measures import Dists

        return Dists(self.weights)
