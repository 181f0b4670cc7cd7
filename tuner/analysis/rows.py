"""One trial, or bicubic upscaling, as a row of a comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tuner.analysis.metrics import MetricSummary, finite, minimized, summarize
from tuner.analysis.report_scale import SCALED, bicubic_for, report_scale, trial_outputs
from tuner.analysis.snapshot import Snapshot
from tuner.records import EpochRecord, TrialKind, TrialRecord, TrialState


@dataclass(frozen=True)
class Difference:
    """A metric's best minus the reference's best.

    `better` is None where they are equal, and for the loss of another loss function.
    """

    value: float
    better: bool | None


@dataclass(frozen=True)
class Changes:
    """What sets a trial apart from the reference."""

    params: frozenset[str] = frozenset()
    metrics: dict[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One trial. `seconds` is the time of its epochs; PSNR and `gain` are in dB."""

    study: str
    trial: str
    number: int
    kind: TrialKind
    state: TrialState
    params: dict[str, Any]  # dotted path -> value; None where the trial has no such setting
    epochs: int
    seconds: float
    metrics: dict[str, MetricSummary]
    static_metrics: dict[str, float]
    outputs: tuple[str, ...]
    gain: float | None  # over bicubic upscaling to the same outputs
    report_scale: dict[str, float]  # metric -> best as the report would print it
    reported: dict[str, float]  # metric -> what the report did print
    reason: str | None
    error: str | None
    changes: Changes | None = None  # None without a reference, and for the reference itself

    def best(self, metric: str | None) -> float | None:
        """The best finite value of `metric`, None where there is none."""
        return self.metrics.get(metric or "", MetricSummary()).best


@dataclass(frozen=True)
class BicubicRow:
    """Plain bicubic upscaling under the protocol of the study's validation."""

    study: str
    metrics: dict[str, float]
    report_scale: dict[str, float]
    changes: Changes | None = None


def trial_row(snapshot: Snapshot, trial: TrialRecord, params: tuple[str, ...]) -> Row:
    """The row of one trial, with the values of `params` that it set or took from its config."""
    epochs = snapshot.epochs.get(trial.number, ())
    metrics = summaries(snapshot, trial)
    outputs = trial_outputs(metrics, trial.config)
    return Row(
        study=snapshot.name,
        trial=trial.name,
        number=trial.number,
        kind=trial.kind,
        state=trial.state,
        params={path: setting(trial, path) for path in params},
        epochs=len(epochs),
        seconds=float(sum(duration(epoch) for epoch in epochs)),
        metrics=metrics,
        static_metrics=_static_metrics(trial),
        outputs=outputs,
        gain=_gain(metrics, bicubic_for(snapshot.bicubic, outputs)),
        report_scale=_report_scale({k: v.best for k, v in metrics.items()}, outputs),
        reported={k: v for k, raw in trial.reported.items() if (v := finite(raw)) is not None},
        reason=trial.reason,
        error=trial.error,
    )


def bicubic_row(snapshot: Snapshot, rows: list[Row]) -> BicubicRow | None:
    """Bicubic upscaling to the outputs that the study's trials predict, if it was measured."""
    seen = {output for row in rows for output in row.outputs}
    measured = snapshot.bicubic
    outputs = trial_outputs([f"validation/psnr_{name}" for name in seen] or measured, {})
    metrics = {
        name: value
        for name, raw in bicubic_for(measured, outputs).items()
        if (value := finite(raw)) is not None
    }
    if not metrics:
        return None
    return BicubicRow(snapshot.name, metrics, _report_scale(metrics, outputs))


def summaries(snapshot: Snapshot, trial: TrialRecord) -> dict[str, MetricSummary]:
    """Best and last of all metrics that the trial's epochs hold, in the order they came up.

    A fact that is searched for (the number of parameters, say) counts as a metric too.
    """
    epochs = snapshot.epochs.get(trial.number, ())
    names = dict.fromkeys(name for epoch in epochs for name in epoch.metrics)
    found = {
        name: summarize(
            [(epoch.epoch, epoch.metrics[name]) for epoch in epochs if name in epoch.metrics],
            minimize=minimized(name, snapshot.directions),
        )
        for name in names
    }
    static_metrics = _static_metrics(trial)
    return found | {
        name: MetricSummary(static_metrics[name], static_metrics[name])
        for name in snapshot.metrics
        if name in static_metrics and name not in found
    }


def setting(trial: TrialRecord, path: str) -> Any:
    """What the trial was set to at a dotted path: its own value, else its config's default."""
    if path in trial.params:
        return trial.params[path]
    value: Any = trial.config
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def duration(epoch: EpochRecord) -> float:
    """How long an epoch took, in seconds; 0 where the clock was set back during it."""
    return max(0.0, epoch.ended - epoch.started)


def _static_metrics(trial: TrialRecord) -> dict[str, float]:
    return {k: v for k, raw in trial.static_metrics.items() if (v := finite(raw)) is not None}


def _gain(metrics: Mapping[str, MetricSummary], bicubic: Mapping[str, float]) -> float | None:
    if (gain := metrics.get("validation/gain")) is not None and gain.best is not None:
        return gain.best
    best = metrics.get("validation/psnr", MetricSummary()).best
    baseline = finite(bicubic.get("validation/psnr"))
    return None if best is None or baseline is None else best - baseline


def _report_scale(
    metrics: Mapping[str, float | None], outputs: tuple[str, ...]
) -> dict[str, float]:
    scaled = {name: report_scale(metrics.get(name), len(outputs)) for name in SCALED}
    return {name: value for name, value in scaled.items() if value is not None}
