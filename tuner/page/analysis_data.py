"""What is computed about a study for the page: which settings matter, which trials win."""

import math
from typing import Any

from tuner.analysis.importance import importance
from tuner.analysis.metrics import minimized
from tuner.analysis.pareto import pareto_front
from tuner.analysis.rows import summaries
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.utilization import utilization
from tuner.records import TrialState


def analysis_data(snapshot: Snapshot) -> dict[str, Any]:
    """What takes longer than reading: see docs/page-data.md, `analysis`."""
    return {
        "utilization": utilization(snapshot).ratio,
        "importance": importance_data(snapshot),
        "front": front(snapshot),
    }


def importance_data(snapshot: Snapshot) -> dict[str, Any] | None:
    """The shares of the searched settings, rounded to what is worth reading."""
    found = importance(snapshot)
    if found is None:
        return None
    return {
        "metric": found.metric,
        "epoch": found.epoch,
        "trials": found.trials,
        "fit": round(found.fit, 3),
        "shares": {path: round(share, 4) for path, share in found.shares.items()},
        "spread": {path: round(share, 4) for path, share in found.spread.items()},
    }


def front(snapshot: Snapshot) -> list[int]:
    """Of a study with two metrics, the trials that no other beats in both; else empty."""
    goals = snapshot.metrics
    if len(goals) < 2:
        return []
    numbers, points = [], []
    for trial in snapshot.trials:
        known = summaries(snapshot, trial)
        point = [known[goal].best if goal in known else None for goal in goals]
        values = [value for value in point if value is not None and math.isfinite(value)]
        if trial.state is not TrialState.FAILED and len(values) == len(goals):
            numbers.append(trial.number)
            points.append(values)
    less = [minimized(goal, snapshot.directions) for goal in goals]
    return [numbers[index] for index in pareto_front(points, less)]
