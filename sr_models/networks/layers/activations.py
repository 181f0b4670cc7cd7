"""Activations by their names in configs. Importing this module does not import torch."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import nn

Activation = Literal["relu", "leaky_relu", "prelu", "elu", "gelu", "silu", "mish", "tanh"]
"""`leaky_relu` has slope 0.2 below zero; `prelu` learns a slope per channel, from 0.25."""

LEAKY_SLOPE = 0.2
"""Slope below zero, as in LapSRN and ESRGAN."""

PRELU_SLOPE = 0.25
"""Initial value of PReLU's learned slope."""

_GAINS: Mapping[Activation, float] = {
    "leaky_relu": math.sqrt(2 / (1 + LEAKY_SLOPE**2)),
    "prelu": math.sqrt(2 / (1 + PRELU_SLOPE**2)),
    "tanh": 5 / 3,
}


def make_activation(name: Activation, channels: int) -> "nn.Module":
    """Build an activation for `channels` channels (PReLU learns a slope for each)."""
    from torch import nn

    make: Mapping[Activation, Callable[[], nn.Module]] = {
        "relu": lambda: nn.ReLU(inplace=True),
        "leaky_relu": lambda: nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
        "prelu": lambda: nn.PReLU(channels, init=PRELU_SLOPE),
        "elu": lambda: nn.ELU(inplace=True),
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "mish": nn.Mish,
        "tanh": nn.Tanh,
    }
    return make[name]()


def gain(name: Activation) -> float:
    """Return the factor for a convolution's initial weights that makes up for the activation."""
    return _GAINS.get(name, math.sqrt(2))
