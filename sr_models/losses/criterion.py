"""What a loss is when it is built."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn


class Criterion(nn.Module):
    """A loss computed in float32, whatever the precision of the network."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W), RGB in [0, 1], to a scalar."""
        loss: Tensor = self.loss(prediction.float(), target.float())
        return loss


class FunctionLoss(nn.Module):
    """A loss that is a formula, without weights."""

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W) to a scalar."""
        return self.function(prediction, target)


class FeatureDistance(nn.Module):
    """The mean over layers of the mean squared difference of a fixed network's features."""

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


class WeightedSum(nn.Module):
    """The sum of losses, each times its weight."""

    def __init__(self, losses: Sequence[nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        self.losses = nn.ModuleList(losses)
        self.weights = tuple(weights)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W) to a scalar."""
        terms = [loss(prediction, target) for loss in self.losses]
        weighted = [weight * term for weight, term in zip(self.weights, terms, strict=True)]
        return torch.stack(weighted).sum()
