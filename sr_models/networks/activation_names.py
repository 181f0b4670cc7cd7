"""The names of the activations, known without torch."""

from typing import Literal

Activation = Literal["relu", "leaky_relu", "prelu", "elu", "gelu", "silu", "mish", "tanh"]
"""`leaky_relu` has slope 0.2 below zero; `prelu` learns one slope a channel, from 0.25."""
