"""The median stopping rule of Google Vizier."""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from statistics import fmean, median
from typing import Any, Literal

from pydantic import Field

from tuner.records import TrialState
from tuner.schedulers.protocol import (
    BaseSchedulerConfig,
    Decision,
    Resume,
    Scheduler,
    SchedulerContext,
)


class MedianConfig(BaseSchedulerConfig):
    """Stops a trial whose best is below the median of other trials' averages (Golovin et al. 2017).

    Args:
        grace_period: epochs that every trial gets; earlier epochs do not count in the averages.
        min_trials: number of other trials that must have reached an epoch before a trial is stopped
            there.
    """

    type: Literal["median"] = "median"
    grace_period: int = Field(default=1, ge=1)
    min_trials: int = Field(default=3, ge=1)

    def build(self, context: SchedulerContext) -> Scheduler:
        """Build the rule, which has seen no trials yet."""
        return MedianStopping(self.grace_period, self.min_trials)


class MedianStopping:
    """The rule of Ray's MedianStoppingRule: ties, and the best value so far, continue.

    The average of a trial up to an epoch is sorted into a list when the trial reports that epoch,
    so a report takes little time however many trials there are.
    """

    def __init__(self, grace_period: int, min_trials: int) -> None:
        self._grace_period = grace_period
        self._min_trials = min_trials
        self._averages: dict[int, list[float]] = {}  # by epoch, from the worst
        self._curves: dict[int, _Curve] = {}

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Do nothing."""

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Compare the trial's best so far with the averages of all trials that got as far."""
        curve = self._curves.setdefault(trial, _Curve())
        if epoch > curve.epoch:
            curve.add(epoch, value, counts=epoch >= self._grace_period)
            if epoch >= self._grace_period:
                self._decide(curve)
        return Decision.STOP if curve.stopped_at == epoch else Decision.CONTINUE

    def _decide(self, curve: "_Curve") -> None:
        others = self._averages.setdefault(curve.epoch, [])
        if len(others) >= self._min_trials and curve.best < median(others):
            curve.stopped_at = curve.epoch
        insort(others, curve.average)

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return None: a stopped trial stays stopped."""
        return None

    def ended(self, trial: int, state: TrialState) -> None:
        """Do nothing: the values of an ended trial count."""


@dataclass
class _Curve:
    """What the rule needs to know of a trial."""

    epoch: int = 0
    best: float = -inf
    stopped_at: int | None = None
    _counted: list[float] = field(default_factory=list)

    def add(self, epoch: int, value: float, *, counts: bool) -> None:
        self.epoch = epoch
        self.best = max(self.best, value)
        if counts:
            self._counted.append(value)

    @property
    def average(self) -> float:
        """The mean of the values that count, never above the best of them by rounding."""
        return min(fmean(self._counted), self.best)
