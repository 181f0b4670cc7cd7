"""Activations by the name that a config gives them."""

import math
from collections.abc import Callable, Mapping

from torch import nn

from sr_models.networks.activation_names import Activation

LEAKY_SLOPE = 0.2
"""Slope below zero, as in LapSRN and ESRGAN."""

PRELU_SLOPE = 0.25
"""Where PReLU's learned slope starts."""

_MAKE: Mapping[Activation, Callable[[int], nn.Module]] = {
    "relu": lambda channels: nn.ReLU(inplace=True),
    "leaky_relu": lambda channels: nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
    "prelu": lambda channels: nn.PReLU(channels, init=PRELU_SLOPE),
    "elu": lambda channels: nn.ELU(inplace=True),
    "gelu": lambda channels: nn.GELU(),
    "silu": lambda channels: nn.SiLU(),
    "mish": lambda channels: nn.Mish(),
    "tanh": lambda channels: nn.Tanh(),
}

_GAINS: Mapping[Activation, float] = {
    "leaky_relu": math.sqrt(2 / (1 + LEAKY_SLOPE**2)),
    "prelu": math.sqrt(2 / (1 + PRELU_SLOPE**2)),
    "tanh": 5 / 3,
}


def make_activation(name: Activation, channels: int) -> nn.Module:
    """Build an activation for `channels` channels (PReLU learns one slope for each)."""
    return _MAKE[name](channels)


def gain(name: Activation) -> float:
    """By how much a convolution's initial weights grow to undo what the activation shrinks."""
    return _GAINS.get(name, math.sqrt(2))
