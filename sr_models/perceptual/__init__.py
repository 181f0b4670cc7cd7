"""How alike two images look: LPIPS and DISTS. Importing this package does not import torch."""

from sr_models.perceptual.config import Backbone, DistsConfig, LpipsConfig

__all__ = ["Backbone", "DistsConfig", "LpipsConfig"]
