"""How similar two images look: LPIPS and DISTS. Importing this package does not import torch."""

from sr_models.perceptual.config import DistsConfig, LpipsConfig

__all__ = ["DistsConfig", "LpipsConfig"]
