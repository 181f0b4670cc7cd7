"""What a schedule of the learning rate is.

A schedule is a factor on the optimizer's learning rate as a function of the epochs done so far,
with fractions, since it changes with every step. All but plateau depend on nothing else, so a
resumed run needs no state to go on along the same curve.
"""

from collections.abc import Mapping

from pydantic import Field

from sr_models.frozen import FrozenConfig


class LrSchedule:
    """A factor from 0 to 1 over time; this one is 1 throughout, and remembers nothing."""

    def factor(self, epoch: float) -> float:
        """The share of the learning rate after `epoch` epochs (0.5: half of the first one)."""
        return 1.0

    def observe(self, score: float) -> None:
        """Take note of how good an epoch was; greater is better."""

    def state(self) -> dict[str, float]:
        """What a checkpoint must keep."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from `state`."""


class WarmUp(FrozenConfig):
    """A rise in a straight line before the schedule proper."""

    warmup_epochs: float = Field(0.0, ge=0, le=1000)
    """Epochs over which the learning rate rises from 0; fractions are allowed."""

    def rise(self, epoch: float) -> float:
        """The warm-up's own factor: 1 from its end on."""
        return min(1.0, epoch / self.warmup_epochs) if self.warmup_epochs else 1.0
