"""The config of asynchronous successive halving, which either stops or promotes trials."""

from typing import Literal

from pydantic import Field

from tuner.schedulers.asha_promote import PromotingAsha
from tuner.schedulers.asha_stop import StoppingAsha
from tuner.schedulers.protocol import BaseSchedulerConfig, Mode, Scheduler, SchedulerContext
from tuner.schedulers.rung import rung_epochs


class AshaConfig(BaseSchedulerConfig):
    """ASHA (Li et al. 2020, A System for Massively Parallel Hyperparameter Tuning).

    Args:
        grace_period: epochs that every trial gets; the first rung. 1 is as good for the same epochs
            spent, 2 is better for the same number of trials.
        reduction_factor: each rung is at this multiple of the previous rung, and 1 of so many
            trials continues from it.
        mode: `stop` ends a trial at the first rung that it does not pass. `promote` pauses every
            trial at each rung and resumes the best from their checkpoints: a trial that looked poor
            when few results were known is not lost, and the fraction that continues is kept.
    """

    type: Literal["asha"] = "asha"
    grace_period: int = Field(default=2, ge=1)
    reduction_factor: int = Field(default=3, ge=2)
    mode: Mode = "promote"

    @property
    def keeps_checkpoints(self) -> bool:
        """A promoted trial continues from its checkpoint."""
        return self.mode == "promote"

    def build(self, context: SchedulerContext) -> Scheduler:
        """Build the rungs below `max_epochs`; if there are none, every trial runs to its end."""
        epochs = rung_epochs(self.grace_period, self.reduction_factor, context.max_epochs)
        if self.mode == "promote":
            return PromotingAsha(epochs, self.reduction_factor)
        return StoppingAsha(epochs, self.reduction_factor)
