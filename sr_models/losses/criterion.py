"""Losses as modules."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from sr_models.errors import CodeError

_WANTED = "a loss must be a scalar tensor, such as error.mean()"


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


class OwnLoss(nn.Module):
    """The user's own loss, whose result is checked.

    Args:
        code: its name in the config.
        loss: a module, or a function of (prediction, target).
    """

    def __init__(self, code: str, loss: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.code = code
        self.loss = loss

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W) to a scalar.

        Raises:
            CodeError: the result is not a scalar tensor, or has no gradient if it needs one.
        """
        found: object = self.loss(prediction, target)
        if not isinstance(found, Tensor):
            raise CodeError(f"{self.code} returns {type(found).__name__}: {_WANTED}")
        if found.numel() != 1:
            raise CodeError(
                f"{self.code} returns a tensor of shape {tuple(found.shape)}: {_WANTED}"
            )
        if prediction.requires_grad and not found.requires_grad:
            raise CodeError(
                f"{self.code} returns a tensor without a gradient: compute it from the prediction, "
                "without detach, item, numpy or no_grad"
            )
        return found.reshape(())


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
    """The weighted sum of losses."""

    def __init__(self, losses: Sequence[nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        self.losses = nn.ModuleList(losses)
        self.weights = tuple(weights)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Compare (N, 3, H, W) to a scalar."""
        terms = [loss(prediction, target) for loss in self.losses]
        weighted = [weight * term for weight, term in zip(self.weights, terms, strict=True)]
        return torch.stack(weighted).sum()
