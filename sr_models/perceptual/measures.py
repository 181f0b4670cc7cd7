"""LPIPS and DISTS as torchmetrics computes them, with weights from the user's source."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from sr_models.errors import DataError
from sr_models.perceptual.backbone import fill
from sr_models.perceptual.source import Backbone

LEAST: Mapping[Backbone, int] = {"alex": 32, "squeeze": 18, "vgg": 16}
"""Least width and height of an image in pixels, because the networks halve it repeatedly."""


class Lpips(nn.Module):
    """LPIPS of images in [0, 1]."""

    def __init__(self, backbone: Backbone, weights: str) -> None:
        super().__init__()
        from torchmetrics.functional.image.lpips import _LPIPS

        # `pnet_rand` keeps torchmetrics from downloading weights itself.
        self._backbone = backbone
        self.network = _LPIPS(net=backbone, pnet_rand=True)
        fill(self.network.net, backbone, weights)
        self.network.requires_grad_(False).eval()

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W), RGB in [0, 1], to (N,)."""
        _require_size(target, self._backbone)
        with _exact(target):
            found: Tensor = self.network(prediction.float(), target.float(), normalize=True)
        return found.flatten()


class Dists(nn.Module):
    """DISTS of images in [0, 1]."""

    def __init__(self, weights: str) -> None:
        super().__init__()
        from torchmetrics.functional.image import dists

        with _without_download():
            self.network = dists.DISTSNetwork()
        fill(self.network, "vgg", weights)
        self.network.requires_grad_(False).eval()

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W), RGB in [0, 1], to (N,)."""
        _require_size(target, "vgg")
        with _exact(target):
            found: Tensor = self.network(
                prediction.float(), target.float(), require_grad=torch.is_grad_enabled()
            )
        return found.flatten()


def _exact(images: Tensor) -> torch.autocast:
    """fp32 even under autocast, because differences of similar features need the digits."""
    return torch.autocast(images.device.type, enabled=False)


@contextmanager
def _without_download() -> Iterator[None]:
    """Let torchmetrics build VGG16 without weights, which it would download each time."""
    from torchmetrics.functional.image import dists
    from torchvision.models.vgg import cfgs, make_layers

    original = dists.vgg16
    dists.vgg16 = lambda weights: SimpleNamespace(features=make_layers(cfgs["D"]))
    try:
        yield
    finally:
        dists.vgg16 = original


def _require_size(images: Tensor, backbone: Backbone) -> None:
    height, width = images.shape[-2:]
    if min(height, width) < LEAST[backbone]:
        raise DataError(
            f"LPIPS and DISTS need images of {LEAST[backbone]} px at least, and these are "
            f"{width} x {height}: raise data.size"
        )
