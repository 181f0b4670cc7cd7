"""A study of the toy objective whose file is run again and again."""

from pathlib import Path
from typing import Any

from tests.tuner.simulated import history, run_tuner, study_file
from tuner.records import Records, TrialState


def states(folder: Path) -> dict[str, tuple[TrialState, str | None]]:
    with Records.open(folder) as records:
        return {trial.name: (trial.state, trial.reason) for trial in records.trials()}


def curves(folder: Path) -> dict[tuple[int, int], float]:
    return {key: metrics["validation/psnr"] for key, metrics in history(folder)[1].items()}


class Toy:
    """A study file, and where its results land."""

    def __init__(self, root: Path, **sections: Any) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.file = study_file(root, **({"workers": 1, "budget": {"trials": 6}} | sections))
        self.folder = root / "results" / "toy"

    def run(self, *options: object) -> int:
        return run_tuner(self.file, "--results", self.root / "results", *options)
