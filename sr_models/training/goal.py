"""What a run is to be good at: it decides which epoch's weights are kept, and when to give up."""

from collections.abc import Mapping
from dataclasses import dataclass

PSNR = "validation/psnr"


@dataclass(frozen=True)
class Goal:
    """A metric of an epoch, and which way it is better.

    Args:
        metric: as in `Epoch.metrics`; validation/psnr stands in for one that is not there.
        minimize: whether the lowest value is the best.
    """

    metric: str = PSNR
    minimize: bool = False

    def score(self, metrics: Mapping[str, float]) -> float:
        """The value of an epoch, turned so that greater is better."""
        if self.metric not in metrics:
            return metrics[PSNR]
        value = metrics[self.metric]
        return -value if self.minimize else value
