"""A network, a loss and optimizers that the package does not know."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Tiny(nn.Module):
    """One layer and PixelShuffle, for one scale."""

    def __init__(self, scale: int, width: int = 4) -> None:
        super().__init__()
        self.scale = scale
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.last = nn.Conv2d(width, 3 * scale**2, 3, padding=1)
        with torch.no_grad():  # grey at the start
            self.last.weight.mul_(0.1)
            nn.init.constant_(self.last.bias, 0.5)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.last(self.first(x).relu()), self.scale)


class Both(nn.Module):
    """One network for all outputs."""

    def __init__(self, outputs: tuple[str, ...], width: int = 4) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(
            {name: Tiny({"mid": 2, "large": 4}[name], width) for name in outputs}
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {name: part(x) for name, part in self.parts.items()}


class TooSmall(Tiny):
    """Forgets to enlarge."""

    def forward(self, x: Tensor) -> Tensor:
        return x


def tiny(scale: int, **args: Any) -> nn.Module:
    """A function that makes a network."""
    return Tiny(scale, **args)


def wide(scale: int, width: int) -> nn.Module:
    """A network with an argument that must be given."""
    return Tiny(scale, width)


def scaleless(width: int) -> nn.Module:
    return nn.Conv2d(3, width, 1)


def nothing(scale: int) -> None: ...


class Softened(nn.Module):
    """Charbonnier under another name."""

    def __init__(self, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return ((prediction - target).square() + self.epsilon**2).sqrt().mean()


def power(prediction: Tensor, target: Tensor, exponent: float = 2.0) -> Tensor:
    """A loss that is a function."""
    return (prediction - target).abs().pow(exponent).mean()


def maps(prediction: Tensor, target: Tensor) -> Tensor:
    """Forgets the mean."""
    return (prediction - target).abs()


def number(prediction: Tensor, target: Tensor) -> float:
    """Leaves PyTorch."""
    return float((prediction - target).abs().mean())


def detached(prediction: Tensor, target: Tensor) -> Tensor:
    """Cannot be trained with."""
    return (prediction.detach() - target).abs().mean()


class Plain(torch.optim.SGD):
    """An optimizer that takes what SGD takes."""


def edges(prediction: Tensor, target: Tensor, weight: float = 1.0) -> Tensor:
    """A metric that is a function, with a score for each image."""
    error = prediction - target
    rows, columns = error.diff(dim=-2).abs(), error.diff(dim=-1).abs()
    return weight * (rows.mean((1, 2, 3)) + columns.mean((1, 2, 3)))


def furthest(prediction: Tensor, target: Tensor) -> float:
    """A metric that knows nothing of batches."""
    return float((prediction - target).abs().max())


class Softness(nn.Module):
    """A metric that is a module with a buffer."""

    def __init__(self, epsilon: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("epsilon", torch.tensor(epsilon))

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        assert not self.training
        return ((prediction - target).square() + self.epsilon**2).sqrt().mean((1, 2, 3))


def too_many(prediction: Tensor, target: Tensor) -> Tensor:
    """A number for each channel."""
    return (prediction - target).mean((2, 3))
