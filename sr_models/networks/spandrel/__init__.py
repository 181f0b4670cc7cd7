"""Published networks, from the package spandrel."""

from sr_models.networks.spandrel.config import SpandrelConfig

__all__ = ["SpandrelConfig"]
