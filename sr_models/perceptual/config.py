"""What LPIPS and DISTS are built of. Imports no torch."""

from typing import TYPE_CHECKING

from sr_models.frozen import FrozenConfig
from sr_models.perceptual.source import Backbone, BackboneWeights
from sr_models.pretrained import IMAGENET

if TYPE_CHECKING:
    from torch import nn


class LpipsConfig(FrozenConfig):
    """Learned perceptual image patch similarity: Zhang et al. 2018.

    "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric": squared differences of
    a network's normalised features, weighed as people judged; from 0, lower is more alike. The
    weighing comes with torchmetrics; the network's own weights are torchvision's.
    """

    network: Backbone = "alex"
    """`alex` (AlexNet, 233 MB to download) is what papers report; `vgg` (VGG16, 528 MB) is what is
    trained on; `squeeze` (SqueezeNet 1.1, 5 MB) is the smallest."""

    weights: BackboneWeights = IMAGENET
    """Of the network: `imagenet`, `random`, or the path of a file of torchvision's layout."""

    def build_measure(self) -> "nn.Module":
        """Build a module from two images, (N, 3, H, W) in [0, 1], to (N,).

        Raises:
            WeightsError: the weights cannot be had.
        """
        from sr_models.perceptual.measures import Lpips

        return Lpips(self.network, self.weights)


class DistsConfig(FrozenConfig):
    """Deep image structure and texture similarity: Ding et al. 2020.

    "Image Quality Assessment: Unifying Structure and Texture Similarity": forgives textures that
    are not the same but of the same kind; from 0, lower is more alike. On VGG16.
    """

    weights: BackboneWeights = IMAGENET
    """Of VGG16: `imagenet` (528 MB to download), `random`, or a file of torchvision's layout."""

    def build_measure(self) -> "nn.Module":
        """Build a module as `LpipsConfig.build_measure`.

        Raises:
            WeightsError: the weights cannot be had.
        """
        from sr_models.perceptual.measures import Dists

        return Dists(self.weights)
