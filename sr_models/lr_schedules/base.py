"""The interface of a learning rate schedule.

A schedule is a factor of the optimizer's learning rate as a function of the epochs done so far,
with fractions, because it changes with every step. All schedules except plateau depend on nothing
else, so a resumed run needs no state to continue along the same curve.
"""

from collections.abc import Mapping

from pydantic import Field

from sr_models.frozen import FrozenConfig


class LrSchedule:
    """A factor from 0 to 1 over time; this schedule is 1 throughout and has no state."""

    def factor(self, epoch: float) -> float:
        """Return the factor of the learning rate after `epoch` epochs."""
        return 1.0

    def observe(self, score: float) -> None:
        """Note the score of an epoch; greater is better."""

    def state(self) -> dict[str, float]:
        """Return the state for a checkpoint."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Continue from `state`."""


class WarmUp(FrozenConfig):
    """A linear rise before the schedule itself."""

    warmup_epochs: float = Field(0.0, ge=0, le=1000)
    """Epochs over which the learning rate rises from 0; fractions are allowed."""

    def rise(self, epoch: float) -> float:
        """Return the factor of the warm-up: 1 after its end."""
        return min(1.0, epoch / self.warmup_epochs) if self.warmup_epochs else 1.0
