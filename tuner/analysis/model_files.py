"""Where a trial keeps its best weights."""

from pathlib import Path

from tuner.analysis.snapshot import Snapshot

MODEL = "best.safetensors"


def model_file(study: Snapshot, trial: str) -> Path | None:
    """The file of a trial's best weights, if it is there and lies within the study."""
    trials = (study.folder / "trials").resolve()
    path = (trials / trial / MODEL).resolve()
    return path if trials in path.parents and path.is_file() else None
