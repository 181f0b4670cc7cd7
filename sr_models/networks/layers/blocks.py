"""What stands before an upsampling: plain, residual or dilated convolutions."""

from collections.abc import Sequence

from torch import Tensor, nn

from sr_models.networks.activation_names import Activation
from sr_models.networks.layers.activations import gain, make_activation
from sr_models.networks.layers.convolution import convolution

BRANCH_GAIN = 0.1
"""Residual branches start small, so that a stack of them starts near the identity.

Wang et al. 2018, "ESRGAN" (section 3.1), and Zhang et al. 2019, "Fixup Initialization".
"""


def conv_block(
    inputs: int, outputs: int, activation: Activation, *, kernel: int = 3, dilation: int = 1
) -> nn.Sequential:
    """Make a convolution and its activation: the block that may change the channels."""
    return nn.Sequential(
        convolution(inputs, outputs, kernel=kernel, dilation=dilation, gain=gain(activation)),
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
        branch: Tensor = self.branch(x)
        return x + (branch if self.scale == 1.0 else branch * self.scale)


def residual_block(channels: int, activation: Activation, *, scale: float = 1.0) -> Residual:
    """Make x + conv(activation(conv(x))), without normalisation.

    Lim et al. 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution".
    """
    branch = nn.Sequential(
        *conv_block(channels, channels, activation),
        convolution(channels, channels, gain=BRANCH_GAIN),
    )
    return Residual(branch, scale=scale)


def dilated_block(channels: int, activation: Activation, dilations: Sequence[int]) -> Residual:
    """Make x + a chain of activated convolutions, one a dilation; the last of them is linear.

    Growing dilations see far at the cost of small kernels: Yu and Koltun 2016, "Multi-Scale
    Context Aggregation by Dilated Convolutions"; with the sum, Yu et al. 2017, "Dilated Residual
    Networks".
    """
    chain: list[nn.Module] = []
    for dilation in dilations[:-1]:
        chain += conv_block(channels, channels, activation, dilation=dilation)
    last = convolution(channels, channels, dilation=dilations[-1], gain=BRANCH_GAIN)
    return Residual(nn.Sequential(*chain, last))
