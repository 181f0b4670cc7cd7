"""The family of networks that the report's steps 2 to 7 belong to."""

from sr_models.networks.progressive.config import ProgressiveConfig

__all__ = ["ProgressiveConfig"]
