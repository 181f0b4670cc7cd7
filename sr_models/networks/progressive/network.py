"""The progressive network: features that double their size twice, and an image of each size."""

from collections.abc import Mapping

from torch import Tensor, nn

from sr_models.networks.base import Skip
from sr_models.networks.layers.image import centred, compose
from sr_models.scales import SCALES, Output


class Progressive(nn.Module):
    """Each stage doubles the size of the features and, if requested, predicts an image from them.

    Args:
        entry: maps RGB around zero, (N, 3, h, w), to features, (N, C, h, w).
        laterals: maps `x` to what is added to the features; None adds nothing.
        stages: each maps (N, C, h, w) to (N, C, 2h, 2w), the second from the first's features.
        heads: each maps the features of its size to an image.
        skip: what the images are added to.
    """

    def __init__(
        self,
        *,
        entry: nn.Module,
        laterals: nn.Module | None,
        stages: Mapping[Output, nn.Module],
        heads: Mapping[Output, nn.Module],
        skip: Skip,
    ) -> None:
        super().__init__()
        self.entry = entry
        self.laterals = laterals
        self.stages = nn.ModuleDict({output: stages[output] for output in stages})
        self.heads = nn.ModuleDict({output: heads[output] for output in heads})
        self.skip: Skip = skip

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to a float32 image for each output, not clamped."""
        features = self.entry(centred(x))
        if self.laterals is not None:
            features = features + self.laterals(x)
        images: dict[str, Tensor] = {}
        for output in SCALES:
            if output in self.stages:
                features = self.stages[output](features)
            if output in self.heads:
                images[output] = compose(self.heads[output](features), x, output, self.skip)
        return images
