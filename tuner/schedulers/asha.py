"""Asynchronous successive halving, in its stopping and its promoting form."""

from typing import Literal

from pydantic import Field

from tuner.schedulers.asha_promote import PromotingAsha
from tuner.schedulers.asha_stop import StoppingAsha
from tuner.schedulers.protocol import BaseSchedulerConfig, Mode, Scheduler, SchedulerSetting
from tuner.schedulers.rung import rung_epochs


class AshaConfig(BaseSchedulerConfig):
    """ASHA (Li et al. 2020, A System for Massively Parallel Hyperparameter Tuning).

    Args:
        grace_period: epochs that every trial gets; the first rung. 1 is as good for the same epochs
            spent, 2 is better for the same number of trials.
        reduction_factor: each rung lies at this multiple of the one below, and lets one in so
            many trials on.
        mode: `stop` ends a trial at the first rung that it does not pass. `promote` pauses every
            trial at each rung and resumes the best from their checkpoints: a trial that looked
            poor when few were known is not lost, and the share that goes on is kept.
    """

    type: Literal["asha"] = "asha"
    grace_period: int = Field(default=2, ge=1)
    reduction_factor: int = Field(default=3, ge=2)
    mode: Mode = "promote"

    @property
    def keeps_checkpoints(self) -> bool:
        """Promotions go on from the checkpoint of a paused trial."""
        return self.mode == "promote"

    def build(self, setting: SchedulerSetting) -> Scheduler:
        """Rungs below `max_epochs`; with none (a long grace period) every trial runs on."""
        epochs = rung_epochs(self.grace_period, self.reduction_factor, setting.max_epochs)
        if self.mode == "promote":
            return PromotingAsha(epochs, self.reduction_factor)
        return StoppingAsha(epochs, self.reduction_factor)
