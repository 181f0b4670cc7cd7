"""The family that the report's steps 2 to 7 are points of."""

from sr_models.networks.progressive.config import ProgressiveConfig

__all__ = ["ProgressiveConfig"]
