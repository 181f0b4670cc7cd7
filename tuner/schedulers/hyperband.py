"""HyperBand: several brackets of ASHA with different grace periods, as a hedge."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from tuner.records import TrialState
from tuner.schedulers.asha import AshaConfig
from tuner.schedulers.protocol import (
    BaseSchedulerConfig,
    Decision,
    Mode,
    Resume,
    Scheduler,
    SchedulerSetting,
)
from tuner.schedulers.rung import rung_epochs


class HyperbandConfig(BaseSchedulerConfig):
    """Asynchronous HyperBand (Li et al. 2018 and 2020).

    Each trial belongs to one bracket of ASHA. The first stops hardest; each further one gives
    `reduction_factor` times the grace period to its trials.

    Args:
        grace_period: epochs that every trial of the first bracket gets.
        reduction_factor: see `asha`.
        brackets: at most so many; fewer where a trial is too short for them.
        mode: see `asha`.
    """

    type: Literal["hyperband"] = "hyperband"
    grace_period: int = Field(default=1, ge=1)
    reduction_factor: int = Field(default=3, ge=2)
    brackets: int = Field(default=3, ge=1)
    mode: Mode = "promote"

    @property
    def keeps_checkpoints(self) -> bool:
        """Promotions go on from the checkpoint of a paused trial."""
        return self.mode == "promote"

    def build(self, setting: SchedulerSetting) -> Scheduler:
        """One ASHA for each bracket that has a rung below `max_epochs`."""
        rungs = rung_epochs(self.grace_period, self.reduction_factor, setting.max_epochs)
        grace_periods = rungs[: self.brackets] or [self.grace_period]
        brackets = [
            AshaConfig(
                grace_period=grace_period, reduction_factor=self.reduction_factor, mode=self.mode
            ).build(setting)
            for grace_period in grace_periods
        ]
        return Hyperband(brackets, shares(len(rungs), len(brackets), self.reduction_factor))


class Hyperband:
    """Deals trials to brackets by their numbers, in proportion to the brackets' shares."""

    def __init__(self, brackets: Sequence[Scheduler], shares: Sequence[float]) -> None:
        self._brackets = brackets
        self._shares = shares
        self._dealt: list[int] = []

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Pass on to the trial's bracket."""
        self.bracket(trial).started(trial, params)

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """What the trial's bracket says."""
        return self.bracket(trial).report(trial, epoch, value)

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """The first promotion that any bracket offers."""
        offers = (bracket.next_resume(drain=drain) for bracket in self._brackets)
        return next((offer for offer in offers if offer), None)

    def ended(self, trial: int, state: TrialState) -> None:
        """Pass on to the trial's bracket."""
        self.bracket(trial).ended(trial, state)

    def bracket(self, trial: int) -> Scheduler:
        """The bracket of a trial: the one that lags most behind its share."""
        while len(self._dealt) <= trial:
            counts = [self._dealt.count(index) for index in range(len(self._brackets))]
            due = [
                share * (len(self._dealt) + 1) - count
                for share, count in zip(self._shares, counts, strict=True)
            ]
            self._dealt.append(due.index(max(due)))
        return self._brackets[self._dealt[trial]]


def shares(rungs: int, brackets: int, reduction_factor: int) -> list[float]:
    """The part of all trials for each bracket, by HyperBand's rule of equal budgets.

    A bracket that keeps k halvings starts `reduction_factor ** k / (k + 1)` trials for each one
    of the bracket that has none.
    """
    halvings = range(rungs, rungs - brackets, -1)
    weights = [reduction_factor**k / (k + 1) for k in halvings]
    return [weight / sum(weights) for weight in weights]
