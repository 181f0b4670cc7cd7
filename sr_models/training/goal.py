"""The goal of a run: it decides which epoch's weights are kept, and when to stop early."""

from collections.abc import Mapping
from dataclasses import dataclass

PSNR = "validation/psnr"


@dataclass(frozen=True)
class Goal:
    """A metric of an epoch, with its direction.

    Args:
        metric: as in `Epoch.metrics`; if an epoch does not have it, validation/psnr is used.
        minimize: whether the lowest value is the best.
    """

    metric: str = PSNR
    minimize: bool = False

    def score(self, metrics: Mapping[str, float]) -> float:
        """Return the value of an epoch with its sign such that greater is better."""
        if self.metric not in metrics:
            return metrics[PSNR]
        value = metrics[self.metric]
        return -value if self.minimize else value
