"""A moving average of the weights, which is often better than the last weights."""

from copy import deepcopy
from typing import Protocol

import torch
from torch import Tensor, nn


class WeightAverage(Protocol):
    """The weights that are validated and kept, computed from the weights of all steps so far."""

    updates: int
    """Number of steps so far."""

    @property
    def network(self) -> nn.Module:
        """The network with the averaged weights."""
        ...

    def advance(self) -> None:
        """Prepare the next step, on the host, because a CUDA graph cannot count."""
        ...

    def update(self) -> None:
        """Include the weights of the last step in the average."""
        ...


class NoAverage:
    """The weights themselves."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.updates = 0

    def advance(self) -> None:
        """Do nothing: the network is its own average."""

    def update(self) -> None:
        """Do nothing."""


class ExponentialAverage:
    """average <- d average + (1 - d) weights, after each step.

    Polyak and Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging". The decay
    grows as d = min(decay, (1 + n) / (10 + n)) with the steps n, so that a short run is not an
    average of its random start.

    Not `torch.optim.swa_utils.AveragedModel`, although the formula is the same: it replaces the
    start by the first weights instead of averaging them, reads its counter on the device in each
    step (so that the host waits for a GPU, and no CUDA graph can hold the step), and averages
    frozen weights too, which are the majority with VGG16.

    Args:
        network: the network whose weights are averaged.
        decay: the largest decay, in (0, 1).
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = deepcopy(network).requires_grad_(False)
        self.updates = 0
        self._decay = decay
        self._followed = network
        pairs = zip(self.network.parameters(), network.parameters(), strict=True)
        moving = [(own, weight) for own, weight in pairs if weight.requires_grad]
        self._averages: list[Tensor] = [own for own, _ in moving]
        self._weights: list[Tensor] = [weight for _, weight in moving]
        # In the device's memory, so that a captured step reads a new value in each replay.
        self._share = torch.zeros((), device=self._weights[0].device)

    def advance(self) -> None:
        """Compute 1 - d for the next step."""
        self._share.fill_(1 - min(self._decay, (1 + self.updates) / (10 + self.updates)))
        self.updates += 1

    @torch.no_grad()
    def update(self) -> None:
        """Include the weights of the last step in the average."""
        missing = torch._foreach_sub(self._weights, self._averages)
        torch._foreach_mul_(missing, self._share)
        torch._foreach_add_(self._averages, missing)
        for ours, theirs in zip(self.network.buffers(), self._followed.buffers(), strict=True):
            ours.copy_(theirs)


def follow(network: nn.Module, decay: float | None) -> WeightAverage:
    """Return the average of a network's weights; without a decay, the weights themselves."""
    return NoAverage(network) if decay is None else ExponentialAverage(network, decay)
