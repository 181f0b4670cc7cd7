"""Blocks that weight features by attention to their surroundings; all start near the identity."""

from torch import Tensor, nn

from sr_models.networks.layers.activations import gain
from sr_models.networks.layers.blocks import Residual
from sr_models.networks.layers.convolution import convolution
from sr_models.networks.layers.residual_init import START

EXPANSION = 1.5
"""Ratio of the channels inside a VapSR block to its own, as in the paper's 48 for 32."""


class ParameterFreeAttention(nn.Module):
    """x + (x + o) (sigmoid(o) - 1/2) with o = branch(x), from SPAN.

    The attention is the features themselves, mapped to a range around 0. The paper has no "x +";
    with it, a block whose o is 0 passes everything on instead of nothing, and a stack of blocks
    trains.
    """

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, h, w) to the same shape."""
        found: Tensor = self.branch(x)
        return x + (x + found) * (found.sigmoid() - 0.5)


class Gate(nn.Module):
    """x attention(x), from VapSR."""

    def __init__(self, attention: nn.Module) -> None:
        super().__init__()
        self.attention = attention

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, h, w) to the same shape."""
        attended: Tensor = x * self.attention(x)
        return attended


class PixelNorm(nn.Module):
    """Normalises the features of each pixel to mean 0 and deviation 1, from VapSR."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, h, w) to the same shape."""
        normed: Tensor = self.norm(x.permute(0, 2, 3, 1))
        return normed.permute(0, 3, 1, 2)


def span_block(channels: int, *, start: float = START) -> nn.Module:
    """Build the block of SPAN: three convolutions whose result is its own attention."""
    inner = gain("silu")
    return ParameterFreeAttention(
        nn.Sequential(
            convolution(channels, channels, gain=inner),
            nn.SiLU(inplace=True),
            convolution(channels, channels, gain=inner),
            nn.SiLU(inplace=True),
            convolution(channels, channels, gain=start),
        )
    )


def vapsr_block(channels: int, *, start: float = START) -> nn.Module:
    """Build the block of VapSR: attention over 17 pixels by two depthwise convolutions."""
    wide = max(1, int(EXPANSION * channels))
    attention = nn.Sequential(
        convolution(wide, wide, kernel=1),
        convolution(wide, wide, kernel=5, groups=wide),
        convolution(wide, wide, kernel=5, dilation=3, groups=wide),
    )
    return Residual(
        nn.Sequential(
            PixelNorm(channels),
            convolution(channels, wide, kernel=1, gain=gain("gelu")),
            nn.GELU(),
            Gate(attention),
            convolution(wide, channels, kernel=1, gain=start),
        )
    )
