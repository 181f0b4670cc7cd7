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
    SchedulerSetting,
)


class MedianConfig(BaseSchedulerConfig):
    """Stops a trial whose best is below the median of what others averaged (Golovin et al. 2017).

    Args:
        grace_period: epochs that every trial gets; earlier ones do not count in the averages.
        min_trials: other trials that must have come as far before one is stopped.
    """

    type: Literal["median"] = "median"
    grace_period: int = Field(default=1, ge=1)
    min_trials: int = Field(default=3, ge=1)

    def build(self, setting: SchedulerSetting) -> Scheduler:
        """The rule over no trials yet."""
        return MedianStopping(self.grace_period, self.min_trials)


class MedianStopping:
    """The rule of Ray's MedianStoppingRule: ties, and the best value so far, go on.

    Each trial's average up to an epoch is put in order once, when the trial reports that epoch,
    so that a report costs little however many trials there are.
    """

    def __init__(self, grace_period: int, min_trials: int) -> None:
        self._grace_period = grace_period
        self._min_trials = min_trials
        self._averages: dict[int, list[float]] = {}  # by epoch, from the worst
        self._curves: dict[int, _Curve] = {}

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Nothing to note."""

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Compare the trial's best so far with the averages of those that came as far."""
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
        """What was stopped stays so."""
        return None

    def ended(self, trial: int, state: TrialState) -> None:
        """Nothing to note: the values of an ended trial count."""


@dataclass
class _Curve:
    """What the rule needs to know of one trial."""

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
        """The mean of what counts; rounding must not lift it above the best value."""
        return min(fmean(self._counted), self.best)
