"""A study on a cluster, as a process, and what must be true of it when it has ended."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import yaml

from sr_models.errors import WorkFailedError
from tuner.records import Records, RecordsError, TrialState

ROOT = Path(__file__).parents[2]
EPOCHS = 6
TRIALS = 12
_NO_PROXY = {"no_proxy": "*", "http_proxy": "", "https_proxy": "", "RAY_AUTH_MODE": "disabled"}


def write_study(file: Path, seed: int, trials: int) -> None:
    """A study of trials that take three seconds each."""
    document = {
        "study": f"chaos-{seed}",
        "objective": {"type": "analytic", "max_epochs": EPOCHS, "seconds_per_epoch": 0.5},
        "search": {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
        "sampler": {"type": "random", "seed": seed},
        "metric": "validation/psnr",
        "scheduler": {"type": "none"},
        "budget": {"trials": trials},
        "gpus_per_trial": 0,
    }
    file.write_text(yaml.safe_dump(document))


class Run:
    """`python -m tuner.run` on a cluster; what it says goes to a file.

    Args:
        folder: for the study file, its results and what is said.
        address: of the cluster.
        seed: of the study.
        trials: that it has.
    """

    def __init__(self, folder: Path, address: str, seed: int, trials: int = TRIALS) -> None:
        self.file = folder / f"chaos-{seed}.yaml"
        self.folder = folder / "results" / f"chaos-{seed}"
        self._log = folder / f"chaos-{seed}.log"
        self._said = self._log.stat().st_size if self._log.exists() else 0
        resumed = (self.folder / "study.db").exists()
        if not resumed:
            write_study(self.file, seed, trials)
        command = [sys.executable, "-m", "tuner.run", str(self.file)]
        command += ["--results", str(self.folder.parent), "--address", address]
        command += ["--resume"] if resumed else []
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | _NO_PROXY, stdout=log, stderr=log
            )

    @property
    def said(self) -> str:
        """What this run has said so far."""
        return self._log.read_bytes()[self._said :].decode(errors="replace")

    @property
    def epochs(self) -> int:
        """How many epochs of the study are recorded."""
        try:
            with Records.open(self.folder) as records:
                return len(records.epochs())
        except RecordsError:
            return 0

    def wait_for(self, epochs: int, seconds: float = 180) -> bool:
        """Wait for so many new epochs; whether it still runs.

        Raises:
            WorkFailedError: they do not come.
        """
        wanted, end = self.epochs + epochs, time.monotonic() + seconds
        while self.process.poll() is None and self.epochs < wanted:
            if time.monotonic() > end:
                raise WorkFailedError(f"{self.folder.name} stands still:\n{self.said}")
            time.sleep(0.1)
        return self.process.poll() is None

    def wait_to_say(self, text: str, seconds: float = 120) -> float:
        """Seconds until it says something, or has ended."""
        began = time.monotonic()
        while text not in self.said and self.process.poll() is None:
            if time.monotonic() > began + seconds:
                raise WorkFailedError(f"{self.folder.name} does not say {text!r}:\n{self.said}")
            time.sleep(0.1)
        return time.monotonic() - began


def require_whole(folder: Path, trials: int = TRIALS) -> None:
    """See that each trial is complete, with each epoch once, and that none was blamed.

    Raises:
        WorkFailedError: something was lost, doubled or failed.
    """
    with Records.open(folder) as records:
        known, epochs = records.trials(), records.epochs()
    states = Counter(trial.state for trial in known)
    retried = [trial.name for trial in known if trial.retries]
    found = {trial.name: [e.epoch for e in epochs if e.trial == trial.number] for trial in known}
    wrong = [name for name, own in found.items() if own != list(range(1, EPOCHS + 1))]
    if states != {TrialState.COMPLETE: trials} or wrong or retried:
        raise WorkFailedError(f"{folder.name}: {dict(states)}, epochs {wrong}, retried {retried}")
