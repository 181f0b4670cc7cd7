"""A trial for trackers: its rows of study.db, converted for other tools.

Names are those of study.db: metrics by their own names, settings by their dotted paths. Single
values are grouped: `best/` the metrics of a trial's best epoch, `facts/` its static metrics (such
as the number of parameters), `reported/` the published figures of a baseline.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tuner.records import EpochRecord, Records, TrialRecord, TrialState
from tuner.trackers.secrets import scrub
from tuner.trackers.views.params import Scalar, flatten
from tuner.trackers.views.pictures import Picture, baseline_pictures, trial_pictures

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class TrialView:
    """A trial with all its epochs so far, by number."""

    record: TrialRecord
    epochs: list[EpochRecord]
    folder: Path  # the study's
    metric: str  # the first that is searched for
    maximize: bool
    second: tuple[str, bool] | None = None  # the second metric, which decides between equals

    @property
    def is_trained(self) -> bool:
        """Whether it is a trial: what trials are compared with is told as one, and is none."""
        return self.record.number >= 0

    @property
    def running(self) -> bool:
        """Whether more epochs may follow soon."""
        return self.record.state is TrialState.RUNNING

    @property
    def key(self) -> str:
        """An id of this trial within its study, the same whenever it is sent."""
        return str(self.record.number) if self.is_trained else self._plain_name

    @property
    def safe_name(self) -> str:
        """The name or, if it has unusual characters, a similar name that is fit for a folder."""
        return self._plain_name if self.is_trained else f"_{self._plain_name}"

    @property
    def _plain_name(self) -> str:
        plain = _SAFE.sub("_", self.record.name).strip("._")
        taken = not self.is_trained and (plain == "study" or plain.isdecimal())  # as a `key`
        odd = plain != self.record.name or taken
        return f"{plain[:80]}_{abs(self.record.number)}" if odd else plain

    @cached_property
    def settings(self) -> dict[str, Scalar]:
        """The whole config of the trial by dotted path, including what was searched."""
        return flatten(self.record.config) | flatten(self.record.params)

    @cached_property
    def best_epoch(self) -> EpochRecord | None:
        """The epoch with the best value of the first metric and, among equals, of the second."""
        scored = [epoch for epoch in self.epochs if math.isfinite(self._value(epoch))]
        return max(scored, key=self._order, default=None)

    @property
    def numbers(self) -> dict[str, float]:
        """Single numbers of the trial, grouped (see above).

        A metric of training with the name of such a number stays a series of its own.
        """
        best = dict(self.best_epoch.metrics) if self.best_epoch else {}
        best.pop("seconds", None)  # the duration of that epoch says nothing about the trial
        groups = {
            "best": best,
            "facts": self.record.static_metrics,
            "reported": self.record.reported,
        }
        series = {name for epoch in self.epochs for name in epoch.metrics}
        return {
            f"{group}/{name}": float(value)
            for group, values in groups.items()
            for name, value in values.items()
            if isinstance(value, int | float) and math.isfinite(value)
            if f"{group}/{name}" not in series
        }

    @property
    def numbers_from(self) -> tuple[int, float]:
        """The epoch that `numbers` belong to, and its time, for tools that need a step."""
        best = self.best_epoch
        return (best.epoch, best.ended) if best else (0, self.record.created)

    @property
    def labels(self) -> dict[str, str]:
        """The state of the trial in words: kind, state and, if known, reason and error."""
        record = self.record
        found = {
            "kind": record.kind.value,
            "state": record.state.value,
            "reason": record.reason,
            "error": record.error,
        }
        return {name: scrub(value) for name, value in found.items() if value}

    @property
    def pictures(self) -> list[Picture]:
        """Sample pictures of the best epoch, or of the last epoch that has any."""
        if not self.is_trained:
            return baseline_pictures(self.folder, self.record.name)
        best = self.best_epoch.epoch if self.best_epoch else None
        return trial_pictures(self.folder / "trials" / self.record.name, best)

    def _value(self, epoch: EpochRecord) -> float:
        return epoch.metrics.get(self.metric, math.nan)

    def _order(self, epoch: EpochRecord) -> tuple[float, ...]:
        """A sort key: greater is better."""
        goals = [(self.metric, self.maximize), *([self.second] if self.second else [])]
        values = [(epoch.metrics.get(name, math.nan), more) for name, more in goals]
        return tuple(
            (value if more else -value) if math.isfinite(value) else -math.inf
            for value, more in values
        )


def trial_view(records: Records, trial: TrialRecord) -> TrialView:
    """Return a trial with its epochs as the records are now."""
    return TrialView(trial, records.epochs(trial.number), records.folder, *goal(records.info))


def goal(info: Mapping[str, Any]) -> tuple[str, bool, tuple[str, bool] | None]:
    """Return the first metric that a study searches for, whether to maximize it, and the second."""
    first, *others = zip(
        info["metrics"], (way == "maximize" for way in info["directions"]), strict=True
    )
    return *first, next(iter(others), None)
