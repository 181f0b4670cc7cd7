"""The goals of a study: one or two metrics, each with its direction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tuner.objectives.metric import Direction, by_name
from tuner.objectives.protocol import Objective
from tuner.records import EpochRecord

if TYPE_CHECKING:
    from tuner.config import StudyConfig


@dataclass(frozen=True)
class Goals:
    """The metrics that a study searches for; the first of them ranks and stops trials."""

    metrics: tuple[str, ...]
    directions: tuple[Direction, ...]

    @classmethod
    def of(cls, config: "StudyConfig", objective: Objective) -> Self:
        """Return the goals of a study file; all metrics that it names have a direction."""
        known = by_name(objective.metrics)
        directions = (known[metric].direction for metric in config.metrics)
        return cls(tuple(config.metrics), tuple(way for way in directions if way is not None))

    @property
    def first(self) -> str:
        """The metric that ranks and stops trials."""
        return self.metrics[0]

    def greater(self, value: float) -> float:
        """Return a value of the first metric with its sign such that greater is better."""
        return value if self.directions[0] == "maximize" else -value

    def better(self, value: float, than: float) -> bool:
        """Return whether `value` of the first metric is better than `than`."""
        return self.greater(value) > self.greater(than)

    def order(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return a sort key of an epoch's values: greater is better, the first metric leads."""
        return tuple(
            value if way == "maximize" else -value
            for value, way in zip(values, self.directions, strict=True)
        )

    def values(
        self, metrics: Mapping[str, float], static_metrics: Mapping[str, Any]
    ) -> list[float] | None:
        """Return the values of all goals at an epoch; None if any is missing or not finite."""
        found: Sequence[Any] = [
            metrics.get(name, static_metrics.get(name)) for name in self.metrics
        ]
        if any(value is None or not math.isfinite(value) for value in found):
            return None
        return [float(value) for value in found]

    def best(
        self, epochs: Sequence[EpochRecord], static_metrics: Mapping[str, Any]
    ) -> list[float] | None:
        """Return the values of all goals at a trial's best epoch; None if it has none."""
        found = [self.values(epoch.metrics, static_metrics) for epoch in epochs]
        known = [values for values in found if values is not None]
        return max(known, key=self.order, default=None)
