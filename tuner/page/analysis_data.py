"""What is computed about a study for the page: which settings matter, which trials are best."""

from typing import Any

from tuner.analysis.importance import importance
from tuner.analysis.pareto import front
from tuner.analysis.rows import trial_row
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.utilization import utilization


def analysis_data(snapshot: Snapshot) -> dict[str, Any]:
    """Return what takes longer to compute than to read: see docs/page-data.md, `analysis`."""
    return {
        "utilization": utilization(snapshot).ratio,
        "importance": importance_data(snapshot),
        "front": front(snapshot, (trial_row(snapshot, trial, ()) for trial in snapshot.trials)),
    }


def importance_data(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return the shares of the searched settings, rounded to what is worth reading."""
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
