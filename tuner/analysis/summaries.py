"""The summaries of a trial: of its metrics, its gain, and its values on other scales."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tuner.analysis.baselines import gain_of, over_parts, rescaled
from tuner.analysis.metrics import MetricSummary, finite, summarize
from tuner.analysis.snapshot import Snapshot
from tuner.objectives.metric import Metric
from tuner.records import TrialRecord


def summaries(snapshot: Snapshot, trial: TrialRecord) -> dict[str, MetricSummary]:
    """Summarize all metrics of the trial's epochs, in the order in which they came up.

    A static metric that is searched for (such as the number of parameters) is included too.
    """
    curves: dict[str, list[tuple[int, object]]] = {}
    for epoch in snapshot.epochs.get(trial.number, ()):
        for name, value in epoch.metrics.items():
            curves.setdefault(name, []).append((epoch.epoch, value))
    at = _best_epoch(snapshot, curves)
    found = {
        name: summarize(curve, snapshot.describe(name), at=at) for name, curve in curves.items()
    }
    if at is not None and snapshot.metric in found:
        found[snapshot.metric] = replace(found[snapshot.metric], best_epoch=at)
    static = static_values(trial)
    return found | {
        name: MetricSummary(known, known, None, known, known, known)
        for name in snapshot.metrics
        if name not in found and (known := static.get(name)) is not None
    }


def _best_epoch(
    snapshot: Snapshot, curves: Mapping[str, Sequence[tuple[int, object]]]
) -> int | None:
    """The epoch that a trial is judged by: the best in the first metric, and among equals in the
    next."""
    chosen: int | None = None
    equal: set[int] | None = None
    for name in snapshot.metrics:
        curve = [point for point in curves.get(name, ()) if equal is None or point[0] in equal]
        found = summarize(curve, snapshot.describe(name))
        if found.best_epoch is None:
            return chosen
        chosen = found.best_epoch
        equal = {epoch for epoch, value in curve if finite(value) == found.best}
    return chosen


def static_values(trial: TrialRecord) -> dict[str, float]:
    """Return the static metrics of a trial that are numbers."""
    return {k: v for k, raw in trial.static_metrics.items() if (v := finite(raw)) is not None}


def trial_gain(
    snapshot: Snapshot, metrics: Mapping[str, MetricSummary], parts: tuple[str, ...]
) -> MetricSummary:
    """Return the gain as it was recorded, else the compared metric minus its baseline."""
    gain = gain_of(snapshot.described, snapshot.metric)
    if gain is None:
        return MetricSummary()
    if (recorded := metrics.get(gain.shown.name)) is not None and recorded.best is not None:
        return recorded
    values = snapshot.baselines.get(gain.of.baseline_label or "baseline", {})
    baseline = over_parts(values, parts, snapshot.described).get(gain.of.name)
    found = metrics.get(gain.of.name)
    if found is None or baseline is None:
        return MetricSummary()
    return _each(found, lambda value: value - baseline)


def trial_scales(
    snapshot: Snapshot, metrics: Mapping[str, MetricSummary], parts: tuple[str, ...]
) -> dict[str, MetricSummary]:
    """Return the metrics that have another scale, on that scale."""

    def on_scale(metric: Metric, summary: MetricSummary) -> MetricSummary:
        return _each(summary, lambda value: rescaled(metric, value, len(parts)))

    described = ((snapshot.describe(name), summary) for name, summary in metrics.items())
    found = {metric.name: on_scale(metric, summary) for metric, summary in described}
    return {name: summary for name, summary in found.items() if summary.best is not None}


def _each(summary: MetricSummary, change: Callable[[float], float | None]) -> MetricSummary:
    def changed(value: float | None) -> float | None:
        return None if value is None else change(value)

    return replace(
        summary,
        best=changed(summary.best),
        last=changed(summary.last),
        at_best=changed(summary.at_best),
        least=changed(summary.least),
        greatest=changed(summary.greatest),
    )
