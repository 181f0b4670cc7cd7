"""A comparison as JSON, in the form that scripts rely on.

A single study is an object, several studies are a list of such objects:

    {"study", "metric", "metrics": [METRIC], "directions": {METRIC: "maximize" | "minimize"},
     "baseline_bicubic": {METRIC: VALUE}, "baselines": {LABEL: {METRIC: VALUE}},
     "front": [TRIAL],
     "trials": [{"trial", "kind", "state", "params", "epochs", "seconds", "best_epoch",
                 "metrics": {METRIC: {"best", "last", "best_epoch", "at_best"}},
                 "gain", "scales": {SCALE: {METRIC: VALUE}}, "reported": {METRIC: VALUE},
                 "repeats": {"mean", "deviation", "count"} | null,
                 "static_metrics": {METRIC: VALUE}, "reason", "error"}]}

`metric` is the first metric that is searched for, `directions` holds those of all metrics that have
a direction. Trials are sorted best first. `best` is the best value of each metric; `at_best`,
`gain` and `scales` are values at the trial's `best_epoch`, which is the best epoch of `metric`, so
they all belong to the same checkpoint. `front` names the trials that no other dominates in a study
with several metrics. `repeats` is the result of a trial with other seeds; the repeats themselves
are trials of kind `confirm`, at the end. `params` are all params that any trial set, by dotted
path, with the default of the trial's config if it did not set them. A reference adds `"reference"`
to the study, and `"changes": {"params": [PATH], "metrics": {METRIC: DIFFERENCE}, "at_best":
{METRIC: DIFFERENCE}}` to the other trials. Values that are missing or not finite are null.
"""

import json
import math
from collections import defaultdict
from typing import Any

from tuner.analysis.comparison import Comparison
from tuner.analysis.rows import Row
from tuner.analysis.snapshot import Snapshot

ALWAYS = "baseline_bicubic"
"""A key that is there whatever the baselines are, because scripts rely on it."""


def document(comparison: Comparison) -> str:
    """Return the comparison as strict JSON (no NaN, no Infinity)."""
    studies = [_study(comparison, study) for study in comparison.studies]
    content = studies[0] if len(studies) == 1 else studies
    return json.dumps(_finite(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _study(comparison: Comparison, study: Snapshot) -> dict[str, Any]:
    lines = [line for line in comparison.baselines if line.study == study.name]
    rows = [row for row in comparison.rows if row.study == study.name]
    described = (study.describe(name) for name in comparison.metrics)
    found = {
        "study": study.name,
        "metric": study.metric,
        "metrics": list(study.metrics),
        "directions": {metric.name: metric.direction for metric in described if metric.direction},
        ALWAYS: {},
        **{f"baseline_{line.label}": line.metrics for line in lines},
        "baselines": {line.label: line.metrics for line in lines},
        "front": [row.trial for row in rows if row.number in comparison.fronts[study.name]],
        "trials": [_trial(comparison, row) for row in rows],
    }
    reference = comparison.reference
    return found if reference is None else {**found, "reference": _name(comparison, reference)}


def _trial(comparison: Comparison, row: Row) -> dict[str, Any]:
    found = {
        "trial": row.trial,
        "kind": row.kind.value,
        "state": row.state.value,
        "params": row.params,
        "epochs": row.epochs,
        "seconds": round(row.seconds, 3),
        "best_epoch": row.best_epoch,
        "metrics": {
            name: {
                "best": summary.best,
                "last": summary.last,
                "best_epoch": summary.best_epoch,
                "at_best": summary.at_best,
            }
            for name, summary in row.metrics.items()
        },
        "gain": row.gain.at_best,
        "scales": _scales(comparison, row),
        "reported": row.reported,
        "repeats": row.repeats
        and {
            "mean": row.repeats.mean,
            "deviation": row.repeats.deviation,
            "count": len(row.repeats.values),
        },
        "static_metrics": row.static_metrics,
        "reason": row.reason,
        "error": row.error,
    }
    return found if row.changes is None else {**found, "changes": _changes(row)}


def _scales(comparison: Comparison, row: Row) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = defaultdict(dict)
    for name, summary in row.scaled.items():
        scale = comparison.describe(name).scale
        assert scale is not None, f"{name} has no other scale"
        found[scale.name][name] = summary.at_best
    return found


def _changes(row: Row) -> dict[str, Any]:
    assert row.changes is not None
    return {
        "params": sorted(row.changes.params),
        "metrics": {name: change.value for name, change in row.changes.best.items()},
        "at_best": {name: change.value for name, change in row.changes.at_best.items()},
    }


def _name(comparison: Comparison, row: Row) -> str:
    return row.trial if len(comparison.studies) == 1 else f"{row.study}/{row.trial}"


def _finite(value: Any) -> Any:
    """The value with null in place of numbers that JSON does not have."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
