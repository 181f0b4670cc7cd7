"""What the trials of a running study have reached, in words, as their metrics are described."""

from collections.abc import Mapping
from dataclasses import replace

from sr_models.plain_text import one_line
from tuner.analysis.baselines import goal_gain
from tuner.analysis.values import metric_text, unit_text
from tuner.core.trials import Best
from tuner.objectives.metric import Metric

Metrics = Mapping[str, float]


class Scores:
    """Says how good an epoch is.

    Args:
        described: the study's metrics by name, with their baselines.
        first: the metric that trials are ranked by.
    """

    def __init__(self, described: Mapping[str, Metric], first: str) -> None:
        self.metric = described.get(first) or Metric(first)
        self._gain = goal_gain(described, first)

    @property
    def heading(self) -> str:
        """What stands above the values: `psnr dB`."""
        name = self.metric.name.rpartition("/")[2]
        return " ".join(filter(None, [one_line(name), self.metric.unit]))

    @property
    def has_gain(self) -> bool:
        """Whether there is anything that trials are compared with."""
        return self._gain is not None

    def value(self, metrics: Metrics) -> str:
        """The first metric; empty where there is none yet."""
        value = metrics.get(self.metric.name)
        return "" if value is None else metric_text(self.metric, value)

    def gain(self, metrics: Metrics) -> str:
        """The gain over the baseline; empty where there is none."""
        value = self._over(metrics)
        return "" if value is None or self._gain is None else metric_text(self._gain.shown, value)

    def text(self, value: float, metrics: Metrics) -> str:
        """A value with its unit, and how far it is from the baseline."""
        over = self._over(metrics)
        words = f"{one_line(self.metric.name)} {unit_text(self.metric, value)}"
        if over is None or self._gain is None:
            return words
        size = unit_text(replace(self._gain.shown, signed=False), abs(over))
        label = one_line(self._gain.of.baseline_label or "the baseline")
        return f"{words}, {size} {'above' if over >= 0 else 'below'} {label}"

    def best_text(self, best: Best) -> str:
        """Whose epoch is the best so far, and how good it is."""
        return f"{one_line(best.name)}: {self.text(best.value, best.metrics)}, epoch {best.epoch}"

    def _over(self, metrics: Metrics) -> float | None:
        """The gain as it was measured, else the value less its baseline."""
        gain = self._gain
        if gain is None:
            return None
        measured = metrics.get(gain.shown.name) if gain.recorded else None
        value, baseline = metrics.get(gain.of.name), gain.of.baseline
        if measured is not None or value is None or baseline is None:
            return measured
        return value - baseline
