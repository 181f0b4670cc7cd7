"""What follows from a trial's epochs for the page, computed as for tables and JSON.

Values are exact, unlike those of the epochs (see `epoch_columns`), so that the page shows the same
digits as every other output.
"""

from typing import Any

from tuner.analysis.baselines import gain_of, part_choices, parts_of
from tuner.analysis.metrics import MetricSummary
from tuner.analysis.repeats import repeats_of, with_repeats
from tuner.analysis.rows import baseline_row, trial_row
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.summaries import summaries, trial_gain, trial_scales
from tuner.objectives.metric import Metric
from tuner.records import TrialRecord


def trial_stats(snapshot: Snapshot, trial: TrialRecord) -> dict[str, Any]:
    """Return `epoch` (its best), `parts`, `metrics`, `gain` and `scales` of a trial with epochs."""
    metrics = summaries(snapshot, trial)
    parts = parts_of(snapshot.described, metrics)
    first = metrics.get(snapshot.metric or "", MetricSummary())
    return {
        "epoch": first.best_epoch,
        "parts": parts,
        "metrics": {name: _summary(measured) for name, measured in metrics.items()},
        "gain": _shown(trial_gain(snapshot, metrics, parts)),
        "scales": {
            name: _shown(scale) for name, scale in trial_scales(snapshot, metrics, parts).items()
        },
    }


def repeats_data(snapshot: Snapshot) -> dict[int, dict[str, Any]]:
    """Return the results with other seeds, by the number of the repeated trial."""
    repeats = repeats_of(snapshot)
    numbers = set(repeats) | {trial.number for found in repeats.values() for trial in found}
    rows = [trial_row(snapshot, trial, ()) for trial in snapshot.trials if trial.number in numbers]
    return {
        row.number: {
            "mean": row.repeats.mean,
            "deviation": row.repeats.deviation,
            "count": len(row.repeats.values),
        }
        for row in with_repeats(snapshot, rows)
        if row.repeats
    }


def baselines_data(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return what the study's trials are compared with, for each combination of parts."""
    return [
        {
            "label": label,
            "by_parts": {
                ",".join(parts): {
                    "metrics": row.metrics,
                    "scales": row.scaled,
                    "gain": row.gain,
                }
                for parts in part_choices(snapshot.described)
                for row in [baseline_row(snapshot, label, parts)]
            },
        }
        for label in snapshot.baselines
    ]


def metric_data(metric: Metric) -> dict[str, Any]:
    """Return what the page needs to sort, colour, format and name a metric."""
    scale = metric.scale
    return {
        "less": None if metric.direction is None else metric.minimized,
        "unit": metric.unit or None,
        "label": metric.label,
        "decimals": metric.decimals,
        "signed": metric.signed,
        "minor": metric.minor,
        "over": metric.over or None,
        "apart": metric.comparable_if_equal,
        "scale": scale and {"label": scale.label, "decimals": scale.decimals},
    }


def gain_data(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return how the gain over the baseline is shown, and which metric it is of."""
    gain = gain_of(snapshot.described, snapshot.metric)
    return None if gain is None else {**metric_data(gain.shown), "of": gain.of.name}


def _summary(found: MetricSummary) -> list[float | int | None]:
    """`best`, `best_epoch`, `last`, the other extreme; then `at_best` if it is not the best.

    For a metric without a direction: `last`, the least, `at_best` and the greatest. Exact numbers
    are long, and a study has many, so nothing is repeated.
    """
    if found.best is None:
        return [None, None, found.last, found.least, found.at_best, found.greatest]
    other = found.greatest if found.best == found.least else found.least
    most = [found.best, found.best_epoch, found.last, other]
    return most if found.at_best == found.best else [*most, found.at_best]


def _shown(found: MetricSummary) -> list[float | None]:
    """`at_best` and `best`, for values that have no other statistics on the page."""
    return [found.at_best, found.best]
