"""Networks of others, as the package spandrel has them."""

from sr_models.networks.spandrel.config import SpandrelConfig

__all__ = ["SpandrelConfig"]
