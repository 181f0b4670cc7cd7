"""A comparison as JSON, in the shape that scripts rely on.

One study is an object, several are a list of such objects:

    {"study", "metric", "baseline_bicubic": {METRIC: VALUE},
     "trials": [{"trial", "state", "params", "epochs", "seconds",
                 "metrics": {METRIC: {"best", "last", "best_epoch"}}, "error"}]}

Trials are sorted best first. `params` are those that any trial set, by dotted path, with the
default of the trial's config where it did not. A reference adds `"reference"` to the study, and
`"changes": {"params": [PATH], "metrics": {METRIC: DIFFERENCE}}` to the other trials. What is not
there, or is not finite, is null.
"""

import json
import math
from typing import Any

from tuner.analysis.comparison import Comparison
from tuner.analysis.rows import Row
from tuner.analysis.snapshot import Snapshot


def document(comparison: Comparison) -> str:
    """The comparison as strict JSON (no NaN, no Infinity)."""
    studies = [_study(comparison, study) for study in comparison.studies]
    content = studies[0] if len(studies) == 1 else studies
    return json.dumps(_finite(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _study(comparison: Comparison, study: Snapshot) -> dict[str, Any]:
    bicubic = {row.study: row.metrics for row in comparison.bicubic}
    reference = comparison.reference
    found = {
        "study": study.name,
        "metric": study.metric,
        "baseline_bicubic": bicubic.get(study.name, {}),
        "trials": [_trial(row) for row in comparison.rows if row.study == study.name],
    }
    return found if reference is None else {**found, "reference": _name(comparison, reference)}


def _trial(row: Row) -> dict[str, Any]:
    found = {
        "trial": row.trial,
        "state": row.state.value,
        "params": row.params,
        "epochs": row.epochs,
        "seconds": round(row.seconds, 3),
        "metrics": {
            name: {"best": one.best, "last": one.last, "best_epoch": one.best_epoch}
            for name, one in row.metrics.items()
        },
        "error": row.error,
    }
    return found if row.changes is None else {**found, "changes": _changes(row)}


def _changes(row: Row) -> dict[str, Any]:
    assert row.changes is not None
    return {
        "params": sorted(row.changes.params),
        "metrics": {name: one.value for name, one in row.changes.metrics.items()},
    }


def _name(comparison: Comparison, row: Row) -> str:
    return row.trial if len(comparison.studies) == 1 else f"{row.study}/{row.trial}"


def _finite(value: Any) -> Any:
    """The same, with null in place of the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
