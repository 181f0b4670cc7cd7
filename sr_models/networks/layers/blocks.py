"""Blocks before an upsampling: plain, residual or dilated convolutions."""

from collections.abc import Sequence

from torch import Tensor, nn

from sr_models.networks.layers.activations import Activation, gain, make_activation
from sr_models.networks.layers.convolution import convolution
from sr_models.networks.layers.residual_init import START

RESIDUAL_SCALE = 0.2
"""Factor of what a block adds, so that large steps of Adam do not make training diverge.

Wang et al. 2018, "ESRGAN", section 3.1. On photographs it loses nothing at a learning rate of 1e-3
and keeps training stable up to 2e-2.
"""


def conv_block(
    inputs: int,
    outputs: int,
    activation: Activation,
    *,
    kernel: int = 3,
    dilation: int = 1,
    start: float = 1.0,
) -> nn.Sequential:
    """Build a convolution and its activation: the block that may change the number of channels.

    `start` is the initial deviation of its output, for an input whose deviation is 1.
    """
    scaled = start * gain(activation)
    return nn.Sequential(
        convolution(inputs, outputs, kernel=kernel, dilation=dilation, gain=scaled),
        make_activation(activation, outputs),
    )


class Residual(nn.Module):
    """x + scale branch(x)."""

    def __init__(self, branch: nn.Module, *, scale: float = 1.0) -> None:
        super().__init__()
        self.branch = branch
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, h, w) to the same shape."""
        return x.add(self.branch(x), alpha=self.scale)


def residual_block(
    channels: int, activation: Activation, *, scale: float = RESIDUAL_SCALE, start: float = START
) -> Residual:
    """Build x + scale conv(activation(conv(x))), without normalisation.

    Lim et al. 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution". `start` is
    the initial deviation of what it adds.
    """
    branch = nn.Sequential(
        *conv_block(channels, channels, activation),
        convolution(channels, channels, gain=start / scale),
    )
    return Residual(branch, scale=scale)


def dilated_block(
    channels: int,
    activation: Activation,
    dilations: Sequence[int],
    *,
    start: float = RESIDUAL_SCALE,
) -> nn.Sequential:
    """Build a chain of x + scale activation(conv(x)), with a convolution for each dilation.

    Growing dilations see far with small kernels: Yu and Koltun 2016, "Multi-Scale Context
    Aggregation by Dilated Convolutions"; with the sum, Yu et al. 2017, "Dilated Residual Networks".
    There is a sum for each convolution, not for the chain, because a large step of Adam would make
    the product of a chain's weights explode. `start` is the initial deviation of what each adds.
    """

    def branch(dilation: int) -> nn.Module:
        return conv_block(
            channels, channels, activation, dilation=dilation, start=start / RESIDUAL_SCALE
        )

    return nn.Sequential(*(Residual(branch(d), scale=RESIDUAL_SCALE) for d in dilations))
