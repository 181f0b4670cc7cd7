"""One trial, or what trials are compared with, as a row of a comparison."""

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

    `better` is None where they are equal, where the metric has no direction, and where the two
    are not to be compared (losses of different kinds).
    """

    value: float
    better: bool | None


@dataclass(frozen=True)
class Changes:
    """What sets a trial apart from the reference.

    `best` compares the best values of each metric, `at_best` those of each trial's best epoch.
    """

    params: frozenset[str] = frozenset()
    best: dict[str, Difference] = field(default_factory=dict)
    at_best: dict[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class Repeats:
    """The best values of a trial's repeats that reached their own end.

    `others` counts the repeats that failed, or have not ended yet.
    """

    values: tuple[float, ...]
    others: int

    @property
    def mean(self) -> float:
        """The mean over the repeats."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """The standard deviation over the repeats, None of a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None


@dataclass(frozen=True)
class Row:
    """One trial. `seconds` is the time of its epochs.

    `gain` is over the baseline of the parts that the trial has, and `scaled` holds the metrics
    that are given on another scale too.
    """

    study: str
    trial: str
    number: int
    kind: TrialKind
    state: TrialState
    params: dict[str, Any]  # dotted path -> value; None where the trial has no such setting
    epochs: int
    planned: int | None  # epochs, if it runs to its end; None where only its code knows
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
    data: str  # what the study was measured on: metrics on other data do not compare
    kinds: dict[str, str]  # metric -> the settings that must be equal for it to be compared
    nulls: frozenset[str] = frozenset()  # params whose value is null, not missing
    repeats: Repeats | None = None  # of a trial that was trained again under other seeds
    changes: Changes | None = None  # None without a reference, and for the reference itself

    @property
    def cut_short(self) -> bool:
        """Whether it has not trained all epochs that it was to, and did not choose to end."""
        short = self.planned is not None and self.epochs < self.planned
        return short and self.state is not TrialState.COMPLETE

    @property
    def is_repeat(self) -> bool:
        """Whether it is one of those repeats."""
        return self.kind is TrialKind.CONFIRM

    def best(self, metric: str | None) -> float | None:
        """The best finite value of `metric`, None where there is none."""
        return self.metrics.get(metric or "", MetricSummary()).best


@dataclass(frozen=True)
class BaselineRow:
    """What a study's trials are compared with, such as plain bicubic upscaling.

    Not a baseline trial: nothing was trained for it.
    """

    study: str
    label: str
    metrics: dict[str, float]
    gain: float | None  # 0 where it is what the gain is over
    scaled: dict[str, float]
    changes: Changes | None = None


def trial_row(snapshot: Snapshot, trial: TrialRecord, params: tuple[str, ...]) -> Row:
    """The row of one trial, with the values of `params` that it set or took from its config."""
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
    """The study's baselines, over the parts that any of its trials has."""
    seen = {part for row in rows for part in row.parts}
    parts = tuple(part for part in all_parts(snapshot.described) if part in seen)
    return [baseline_row(snapshot, label, parts) for label in snapshot.baselines]


def baseline_row(snapshot: Snapshot, label: str, parts: tuple[str, ...]) -> BaselineRow:
    """One baseline over some parts; over all that it has where `parts` is empty."""
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
    """What only a repeat is set to: its seed, which nobody searched for."""
    return trial.params if trial.kind is TrialKind.CONFIRM else ()


def duration(epoch: EpochRecord) -> float:
    """How long an epoch took, in seconds; 0 where the clock was set back during it."""
    return max(0.0, epoch.ended - epoch.started)
