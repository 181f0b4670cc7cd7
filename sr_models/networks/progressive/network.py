"""The progressive network, from its config."""

from torch import Tensor, nn

from sr_models.networks.base import SCALES, Output
from sr_models.networks.layers.blocks import conv_block, dilated_block, residual_block
from sr_models.networks.layers.convolution import convolution
from sr_models.networks.layers.image import HEAD_GAIN, centred, compose
from sr_models.networks.layers.upsampling import make_upsampler
from sr_models.networks.progressive.config import DEFAULT_DILATIONS, ProgressiveConfig
from sr_models.networks.progressive.features import Vgg16Features
from sr_models.networks.progressive.laterals import Laterals


class Progressive(nn.Module):
    """Each stage doubles the size of the features and, where asked, predicts an image of them."""

    def __init__(self, config: ProgressiveConfig, *, pretrained: bool) -> None:
        super().__init__()
        self.config = config
        self.entry = conv_block(3, config.channels, config.activation)
        self.laterals = _laterals(config, pretrained)
        deepest = SCALES[config.outputs[-1]]
        self.stages = nn.ModuleDict(
            {output: _stage(config, output) for output in SCALES if SCALES[output] <= deepest}
        )
        self.heads = nn.ModuleDict(
            {output: convolution(config.channels, 3, gain=HEAD_GAIN) for output in config.outputs}
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to one float32 image an output, not clamped."""
        features = self.entry(centred(x))
        if self.laterals is not None:
            features = features + self.laterals(x)
        images: dict[str, Tensor] = {}
        for output in SCALES:
            if output in self.stages:
                features = self.stages[output](features)
            if output in self.heads:
                residual = self.heads[output](features)
                images[output] = compose(residual, x, output, self.config.skip)
        return images


def _laterals(config: ProgressiveConfig, pretrained: bool) -> Laterals | None:
    if not isinstance(config.features, Vgg16Features):
        return None
    return Laterals(config.features, config.channels, pretrained=pretrained)


def _stage(config: ProgressiveConfig, output: Output) -> nn.Sequential:
    # The entry is the first stage's first plain convolution.
    blocks = config.depth - (config.block == "conv" and output == "mid")
    return nn.Sequential(
        *(_block(config) for _ in range(blocks)),
        make_upsampler(config.upsampler, config.channels),
    )


def _block(config: ProgressiveConfig) -> nn.Module:
    if config.block == "conv":
        return conv_block(config.channels, config.channels, config.activation)
    if config.block == "residual":
        return residual_block(config.channels, config.activation)
    dilations = config.dilations or DEFAULT_DILATIONS
    return dilated_block(config.channels, config.activation, dilations)
