"""What stands before an upsampling: plain, residual or dilated convolutions."""

from collections.abc import Sequence

from torch import Tensor, nn

from sr_models.networks.layers.activations import Activation, gain, make_activation
from sr_models.networks.layers.convolution import convolution
from sr_models.networks.layers.residual_init import START

RESIDUAL_SCALE = 0.2
"""What a block adds is multiplied by this, so that large steps of Adam do not blow it up.

Wang et al. 2018, "ESRGAN", section 3.1. On photographs it costs nothing at a learning rate of
1e-3 and keeps training stable up to 2e-2.
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
    """Make a convolution and its activation: the block that may change the channels.

    `start` is the deviation of its output at first, for an input whose deviation is 1.
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
    """Make x + scale conv(activation(conv(x))), without normalisation.

    Lim et al. 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution". `start`
    is the deviation of what it adds at first.
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
    """Make a chain of x + scale activation(conv(x)), one convolution for each dilation.

    Growing dilations see far at the cost of small kernels: Yu and Koltun 2016, "Multi-Scale
    Context Aggregation by Dilated Convolutions"; with the sum, Yu et al. 2017, "Dilated Residual
    Networks". A sum for each convolution, not for the chain: the product of a chain's weights is
    what a large step of Adam blows up. `start` is the deviation of what each adds at first.
    """

    def branch(dilation: int) -> nn.Module:
        return conv_block(
            channels, channels, activation, dilation=dilation, start=start / RESIDUAL_SCALE
        )

    return nn.Sequential(*(Residual(branch(d), scale=RESIDUAL_SCALE) for d in dilations))
