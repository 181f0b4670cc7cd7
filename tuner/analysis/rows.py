"""A trial, or a baseline, as a row of a comparison."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tuner.analysis.baselines import all_parts, gain_of, over_parts, parts_of, rescaled
from tuner.analysis.metrics import MetricSummary, finite
from tuner.analysis.settings import canonical, is_null, planned_epochs, section, setting
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.summaries import static_values, summaries, trial_gain, trial_scales
from tuner.records import EpochRecord, TrialKind, TrialRecord, TrialState


@dataclass(frozen=True)
class Difference:
    """A value of a metric minus the reference's.

    `better` is None if the values are equal, if the metric has no direction, or if the two cannot
    be compared (losses of different kinds).
    """

    value: float
    better: bool | None


@dataclass(frozen=True)
class Changes:
    """The differences between a trial and the reference.

    `best` compares the best values of each metric, `at_best` the values at each trial's best epoch.
    """

    params: frozenset[str] = frozenset()
    best: dict[str, Difference] = field(default_factory=dict)
    at_best: dict[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class Repeats:
    """The best values of a trial's repeats that reached their own end.

    `others` is the number of repeats that failed or have not ended yet.
    """

    values: tuple[float, ...]
    others: int

    @property
    def mean(self) -> float:
        """The mean over the repeats."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """The standard deviation over the repeats, None for a single repeat."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None


@dataclass(frozen=True)
class Row:
    """A trial. `seconds` is the time of its epochs.

    `gain` is over the baseline of the parts that the trial has, and `scaled` holds the metrics that
    are also given on another scale.
    """

    study: str
    trial: str
    number: int
    kind: TrialKind
    state: TrialState
    params: dict[str, Any]  # dotted path -> value; None if the trial has no such setting
    epochs: int
    planned: int | None  # epochs, if it runs to its end; None if only its code knows
    seconds: float
    best_epoch: int | None  # by the metric that the study searches for
    metrics: dict[str, MetricSummary]
    static_metrics: dict[str, float]
    parts: tuple[str, ...]
    gain: MetricSummary
    scaled: dict[str, MetricSummary]
    reported: dict[str, float]  # metric -> the figure that was published
    reason: str | None
    error: str | None
    data: str  # what the study was measured on: metrics on other data cannot be compared
    kinds: dict[str, str]  # metric -> the settings that must be equal for it to be compared
    nulls: frozenset[str] = frozenset()  # params whose value is null, not missing
    repeats: Repeats | None = None  # if it was trained again with other seeds
    changes: Changes | None = None  # None without a reference, and for the reference itself

    @property
    def given(self) -> dict[str, Any]:
        """The params that the trial has, those whose value is null included."""
        return {
            path: value
            for path, value in self.params.items()
            if value is not None or path in self.nulls
        }

    @property
    def cut_short(self) -> bool:
        """Whether it has not trained all of its epochs, and did not end by itself."""
        short = self.planned is not None and self.epochs < self.planned
        return short and self.state is not TrialState.COMPLETE

    @property
    def is_repeat(self) -> bool:
        """Whether it repeats another trial."""
        return self.kind is TrialKind.CONFIRM

    def best(self, metric: str | None) -> float | None:
        """Return the best finite value of `metric`, None if there is none."""
        return self.metrics.get(metric or "", MetricSummary()).best


@dataclass(frozen=True)
class BaselineRow:
    """What a study's trials are compared with, such as plain bicubic upscaling.

    Not a baseline trial: nothing was trained for it.
    """

    study: str
    label: str
    metrics: dict[str, float]
    gain: float | None  # 0 if the gain is over this baseline
    scaled: dict[str, float]
    changes: Changes | None = None


def trial_row(snapshot: Snapshot, trial: TrialRecord, params: tuple[str, ...]) -> Row:
    """Return the row of a trial.

    Args:
        snapshot: the study.
        trial: the trial.
        params: dotted paths whose values it has set, or has by default.
    """
    epochs = snapshot.epochs.get(trial.number, ())
    metrics = summaries(snapshot, trial)
    parts = parts_of(snapshot.described, metrics)
    first = metrics.get(snapshot.metric or "", MetricSummary())
    return Row(
        study=snapshot.name,
        trial=trial.name,
        number=trial.number,
        kind=trial.kind,
        state=trial.state,
        params={path: setting(trial, path) for path in (*params, *_own(trial))},
        nulls=frozenset(path for path in (*params, *_own(trial)) if is_null(trial, path)),
        epochs=len(epochs),
        planned=planned_epochs(trial),
        seconds=float(sum(duration(epoch) for epoch in epochs)),
        best_epoch=first.best_epoch,
        metrics=metrics,
        static_metrics=static_values(trial),
        parts=parts,
        gain=trial_gain(snapshot, metrics, parts),
        scaled=trial_scales(snapshot, metrics, parts),
        reported={k: v for k, raw in trial.reported.items() if (v := finite(raw)) is not None},
        reason=trial.reason,
        error=trial.error,
        data=_fingerprint(snapshot.info.get("data")),
        kinds={
            name: canonical([section(trial, path) for path in metric.comparable_if_equal])
            for name in metrics
            if (metric := snapshot.describe(name)).comparable_if_equal
        },
    )


def baseline_rows(snapshot: Snapshot, rows: list[Row]) -> list[BaselineRow]:
    """Return the study's baselines, over the parts that any of its trials has."""
    seen = {part for row in rows for part in row.parts}
    parts = tuple(part for part in all_parts(snapshot.described) if part in seen)
    return [baseline_row(snapshot, label, parts) for label in snapshot.baselines]


def baseline_row(snapshot: Snapshot, label: str, parts: tuple[str, ...]) -> BaselineRow:
    """Return a baseline over some parts, or over all of its parts if `parts` is empty."""
    described = snapshot.described
    measured = snapshot.baselines[label]
    metrics = over_parts(measured, parts, described)
    count = len(parts or parts_of(described, measured))
    gain = gain_of(described, snapshot.metric)
    scales = {
        name: scaled
        for name, value in metrics.items()
        if (scaled := rescaled(snapshot.describe(name), value, count)) is not None
    }
    own = gain is not None and gain.of.name in metrics
    return BaselineRow(snapshot.name, label, metrics, 0.0 if own else None, scales)


def _fingerprint(data: Any) -> str:
    return canonical(data.get("fingerprint") if isinstance(data, Mapping) else None)


def _own(trial: TrialRecord) -> Iterable[str]:
    """The setting that only a repeat has: its seed, which nobody searched for."""
    return trial.params if trial.kind is TrialKind.CONFIRM else ()


def duration(epoch: EpochRecord) -> float:
    """Return the seconds that an epoch took; 0 if the clock was set back meanwhile."""
    return max(0.0, epoch.ended - epoch.started)
