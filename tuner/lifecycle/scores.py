"""The scores of a running study's trials in words, by the descriptions of the metrics."""

from collections.abc import Mapping
from dataclasses import replace

from sr_models.plain_text import one_line
from tuner.analysis.baselines import goal_gain
from tuner.analysis.values import metric_text, unit_text
from tuner.core.trials import Best
from tuner.objectives.metric import Metric

Metrics = Mapping[str, float]


class Scores:
    """Describes how good an epoch is.

    Args:
        described: the study's metrics by name, with their baselines.
        first: the metric that trials are ranked by.
    """

    def __init__(self, described: Mapping[str, Metric], first: str) -> None:
        self.metric = described.get(first) or Metric(first)
        self._gain = goal_gain(described, first)

    @property
    def heading(self) -> str:
        """The heading above the values: `psnr dB`."""
        name = self.metric.name.rpartition("/")[2]
        return " ".join(filter(None, [one_line(name), self.metric.unit]))

    @property
    def gain_heading(self) -> str | None:
        """The heading above the gains; None if there is nothing to compare with."""
        return None if self._gain is None else self._gain.heading

    def value(self, metrics: Metrics) -> str:
        """Return the first metric; empty if there is none yet."""
        value = metrics.get(self.metric.name)
        return "" if value is None else metric_text(self.metric, value)

    def gain(self, metrics: Metrics) -> str:
        """Return the gain over the baseline; empty if there is none."""
        value = self._over(metrics)
        return "" if value is None or self._gain is None else metric_text(self._gain.shown, value)

    def text(self, value: float, metrics: Metrics) -> str:
        """Return a value with its unit, and its distance from the baseline."""
        return self._text(value, self._over(metrics))

    def _text(self, value: float, over: float | None, seeds: str = "") -> str:
        words = f"{one_line(self.metric.name)} {unit_text(self.metric, value)}{seeds}"
        if over is None or self._gain is None:
            return words
        size = unit_text(replace(self._gain.shown, signed=False), abs(over))
        label = one_line(self._gain.of.baseline_label or "the baseline")
        return f"{words}, {size} {'above' if over >= 0 else 'below'} {label}"

    def best_text(self, best: Best) -> str:
        """Return which trial has the best epoch so far, and how good it is."""
        if not best.repeats:
            score = self.text(best.value, best.metrics)
            return f"{one_line(best.name)}: {score}, epoch {best.epoch}"
        over = self._over(best.metrics)
        gained = None if over is None else over + best.gained
        return f"{one_line(best.name)}: mean {self._text(best.value, gained, _seeds(best))}"

    def short_text(self, best: Best) -> str:
        """Return the same in short: `T009 25.70`, or `T009, mean 25.70 over 1 other seed`."""
        value = metric_text(self.metric, best.value)
        name = one_line(best.name)
        return f"{name}, mean {value}{_seeds(best)}" if best.repeats else f"{name} {value}"

    def _over(self, metrics: Metrics) -> float | None:
        """The gain as it was measured, else the value minus its baseline."""
        gain = self._gain
        if gain is None:
            return None
        measured = metrics.get(gain.shown.name) if gain.recorded else None
        value, baseline = metrics.get(gain.of.name), gain.of.baseline
        if measured is not None or value is None or baseline is None:
            return measured
        return value - baseline


def _seeds(best: Best) -> str:
    return f" over {best.repeats} other seed{'' if best.repeats == 1 else 's'}"
