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
    SchedulerContext,
)
from tuner.schedulers.rung import rung_epochs


class HyperbandConfig(BaseSchedulerConfig):
    """Asynchronous HyperBand (Li et al. 2018 and 2020).

    Each trial belongs to a bracket, which is an ASHA. The first bracket stops most trials; each
    further bracket has a grace period that is `reduction_factor` times as long.

    Args:
        grace_period: epochs that every trial of the first bracket gets.
        reduction_factor: see `asha`.
        brackets: largest number of brackets; there are fewer if trials are too short for them.
        mode: see `asha`.
    """

    type: Literal["hyperband"] = "hyperband"
    grace_period: int = Field(default=1, ge=1)
    reduction_factor: int = Field(default=3, ge=2)
    brackets: int = Field(default=3, ge=1)
    mode: Mode = "promote"

    @property
    def keeps_checkpoints(self) -> bool:
        """A promoted trial continues from its checkpoint."""
        return self.mode == "promote"

    def build(self, context: SchedulerContext) -> Scheduler:
        """Build an ASHA for each bracket that has a rung below `max_epochs`."""
        rungs = rung_epochs(self.grace_period, self.reduction_factor, context.max_epochs)
        grace_periods = rungs[: self.brackets] or [self.grace_period]
        brackets = [
            AshaConfig(
                grace_period=grace_period, reduction_factor=self.reduction_factor, mode=self.mode
            ).build(context)
            for grace_period in grace_periods
        ]
        return Hyperband(brackets, shares(len(rungs), len(brackets), self.reduction_factor))


class Hyperband:
    """Assigns trials to brackets by their numbers, in proportion to the shares of the brackets.

    Args:
        brackets: the schedulers, the one that stops most trials first.
        shares: fraction of all trials for each bracket.
    """

    def __init__(self, brackets: Sequence[Scheduler], shares: Sequence[float]) -> None:
        self._brackets = brackets
        self._shares = shares
        self._dealt: list[int] = []

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Tell the trial's bracket."""
        self.bracket(trial).started(trial, params)

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Return the decision of the trial's bracket."""
        return self.bracket(trial).report(trial, epoch, value)

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return the first promotion that any bracket offers."""
        offers = (bracket.next_resume(drain=drain) for bracket in self._brackets)
        return next((offer for offer in offers if offer), None)

    def ended(self, trial: int, state: TrialState) -> None:
        """Tell the trial's bracket."""
        self.bracket(trial).ended(trial, state)

    def bracket(self, trial: int) -> Scheduler:
        """Return the bracket of a trial: the bracket that is furthest behind its share."""
        while len(self._dealt) <= trial:
            counts = [self._dealt.count(index) for index in range(len(self._brackets))]
            due = [
                share * (len(self._dealt) + 1) - count
                for share, count in zip(self._shares, counts, strict=True)
            ]
            self._dealt.append(due.index(max(due)))
        return self._brackets[self._dealt[trial]]


def shares(rungs: int, brackets: int, reduction_factor: int) -> list[float]:
    """Return the fraction of all trials for each bracket, by HyperBand's rule of equal budgets.

    A bracket with k halvings starts `reduction_factor ** k / (k + 1)` trials for each trial of the
    bracket that has none.

    Args:
        rungs: halvings of the first bracket.
        brackets: number of brackets.
        reduction_factor: see `AshaConfig`.
    """
    halvings = range(rungs, rungs - brackets, -1)
    weights = [reduction_factor**k / (k + 1) for k in halvings]
    return [weight / sum(weights) for weight in weights]
