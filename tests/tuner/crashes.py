"""A study to be interrupted, and what it must equal afterwards."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from tests.tuner.simulated import new_study, run_jobs, study_config
from tuner.records import Records, TrialState

SECTIONS: dict[str, Any] = {
    "objective": {"max_epochs": 9, "seconds_per_epoch": 0.15},
    "baselines": {"AS-1": {"set": {"x": 0.5}}},
    "scheduler": {"type": "asha", "grace_period": 2, "mode": "promote"},
    "budget": {"trials": 6},
    "workers": 1,
    "threads": 1,
    "gpus_per_trial": 0,  # so that no driver needs torch, which takes long to import
}


def uninterrupted(root: Path, **sections: Any) -> Path:
    """The same study, run to its end at once and without Ray."""
    root.mkdir()
    sections["objective"] = sections.get("objective", {}) | {"seconds_per_epoch": 0.0}
    config = study_config(root, **sections)
    new_study(config, root / "study").close()
    run_jobs(config, root / "study")
    return root / "study"


def integrity(folder: Path) -> str:
    with contextlib.closing(sqlite3.connect(folder / "study.db")) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def states(folder: Path) -> dict[str, TrialState]:
    with Records.open(folder) as records:
        return {trial.name: trial.state for trial in records.trials()}
