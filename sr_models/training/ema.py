"""An average of the weights over the last steps, which is often better than the last weights."""

from copy import deepcopy
from typing import Protocol

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class WeightAverage(Protocol):
    """What is validated and kept, made of the weights of the steps so far."""

    updates: int
    """Steps seen so far."""

    @property
    def network(self) -> nn.Module:
        """The network with the averaged weights."""
        ...

    def update(self) -> None:
        """Take the weights of the step that was just done into the average."""


class NoAverage:
    """The weights as they are."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.updates = 0

    def update(self) -> None:
        """Nothing to do: the network is its own average."""


class ExponentialAverage:
    """average <- d average + (1 - d) weights, after each step.

    Polyak and Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging". The decay
    grows as d = min(decay, (1 + n) / (10 + n)) with the steps n, so that a short run is not an
    average of its random start.

    Not `torch.optim.swa_utils.AveragedModel`, although the formula is the same: that one replaces
    the start by the first weights instead of averaging them, looks at its counter on the device in
    each step (so that the host waits for a GPU, and no CUDA graph can hold the step), and averages
    frozen weights too, which of VGG16 are more than all others.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = deepcopy(network).requires_grad_(False)
        self.updates = 0
        self._decay = decay
        self._followed = network

    def update(self) -> None:
        """Take the weights of the step that was just done into the average."""
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        followed = list(self._followed.parameters())
        average = list(self.network.parameters())
        moving = [index for index, weight in enumerate(followed) if weight.requires_grad]
        with torch.no_grad():
            average_into = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
            average_into(
                [average[index] for index in moving], [followed[index] for index in moving], None
            )
            for ours, theirs in zip(self.network.buffers(), self._followed.buffers(), strict=True):
                ours.copy_(theirs)
        self.updates += 1


def follow(network: nn.Module, decay: float | None) -> WeightAverage:
    """Average the weights of a network; without a decay, take them as they are."""
    return NoAverage(network) if decay is None else ExponentialAverage(network, decay)
