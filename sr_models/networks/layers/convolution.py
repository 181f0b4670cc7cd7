"""Convolutions that keep height and width, with well-scaled initial weights."""

import math

from torch import nn


def convolution(
    inputs: int,
    outputs: int,
    *,
    kernel: int = 3,
    dilation: int = 1,
    groups: int = 1,
    gain: float = 1.0,
) -> nn.Conv2d:
    """Build a "same" convolution whose output has `gain` times the deviation of its input.

    Kaiming initialisation with the fan of the input, He et al. 2015, "Delving Deep into
    Rectifiers": weights ~ N(0, gain^2 / (kernel^2 inputs / groups)), biases 0.

    Args:
        inputs: input channels.
        outputs: output channels.
        kernel: side of the kernel in pixels.
        dilation: distance of the kernel's pixels.
        groups: groups of channels.
        gain: ratio of the output's initial deviation to the input's.
    """
    padding = dilation * (kernel // 2)
    layer = nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, groups=groups)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(kernel**2 * inputs / groups))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
