"""The content of a trial's folder: its files, and the end of its log."""

from pathlib import Path
from typing import Any

from tuner.analysis.snapshot import Snapshot
from tuner.objectives.output import OUTPUT
from tuner.page.pictures import inside

LONGEST_LOG = 6_000
"""Characters of the log that are shown: its end says what went wrong."""

_READ = 65_536
"""Bytes at the end of the log that are read: only the last state of a progress bar is kept."""

MOST = 60
LISTED = 2000
"""Number of trials whose folders are listed in the file of a page."""


def folders_data(snapshot: Snapshot) -> dict[int, dict[str, Any]]:
    """Return the folders of a study's trials, by number, as far as a file should hold them."""
    listed = {
        trial.number: trial_files(snapshot.folder, trial.name) for trial in snapshot.trials[:LISTED]
    }
    return {number: found for number, found in listed.items() if found}


def trial_files(folder: Path, trial: str) -> dict[str, Any]:
    """Return `files`, [name, bytes], of a trial's folder, and `log` if there is one."""
    root = folder / "trials" / trial
    if Path(trial).name != trial or not root.is_dir():
        return {}
    plain = [path for path in sorted(root.iterdir()) if inside(path, folder)][:MOST]
    found: dict[str, Any] = {"files": [[path.name, path.stat().st_size] for path in plain]}
    log = root / OUTPUT
    if log in plain:
        found["log"] = _end(log)
    return found if plain else {}


def _end(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _READ))
        lines = file.read(_READ).decode("utf-8", "replace").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)[-LONGEST_LOG:]
