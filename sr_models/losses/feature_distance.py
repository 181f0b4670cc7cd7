"""The distance of two images in the features of a fixed network."""

import torch
from torch import Tensor, nn


class FeatureDistance(nn.Module):
    """Mean over layers of the mean squared difference of features."""

    def __init__(self, extractor: nn.Module) -> None:
        super().__init__()
        self.extractor = extractor.requires_grad_(False)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W), RGB in [0, 1]; features may be bf16, their difference is not."""
        with torch.no_grad():
            wanted = self.extractor(target)
        found = self.extractor(prediction)
        distances = [
            (found[layer].float() - wanted[layer].float()).square().mean() for layer in wanted
        ]
        return torch.stack(distances).mean()
