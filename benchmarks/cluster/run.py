"""A study on a cluster, as a process, and what must be true of it when it has ended."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import yaml
from thousand.watch import count

from sr_models.errors import WorkFailedError
from tuner.records import Records, TrialState
from tuner.records.kinds import EventKind

ROOT = Path(__file__).parents[2]
EPOCHS = 6
_SECONDS = 0.5
"""That an epoch takes."""
_PATIENCE = 900.0
"""Seconds for what must come, on a machine that is busy."""
_NO_PROXY = {"no_proxy": "*", "http_proxy": "", "https_proxy": "", "RAY_AUTH_MODE": "disabled"}
_FATES = ("is lost", "leaves", "is back", "is set aside")
"""What a study says of a machine that something has happened to."""


def write_study(file: Path, seed: int, trials: int) -> None:
    """A study of trials that take three seconds each."""
    document = {
        "study": file.stem,
        "objective": {"type": "analytic", "max_epochs": EPOCHS, "seconds_per_epoch": _SECONDS},
        "search": {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
        "sampler": {"type": "random", "seed": seed},
        "metric": "validation/psnr",
        "scheduler": {"type": "none"},
        "budget": {"trials": trials},
        "gpus_per_trial": 0,
    }
    file.write_text(yaml.safe_dump(document))


class Run:
    """`python -m tuner.run` on a cluster, which resumes the study where there is one.

    Args:
        file: the study file; what is said goes to a file beside it.
        results: where the study's folder is.
        address: of the cluster.
    """

    def __init__(self, file: Path, results: Path, address: str) -> None:
        self.folder = results / file.stem
        self._log = file.with_suffix(".log")
        self._said = self._log.stat().st_size if self._log.exists() else 0
        command = [sys.executable, "-m", "tuner.run", str(file), "--results", str(results)]
        command += ["--address", address]
        command += ["--resume"] if (self.folder / "study.db").exists() else []
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | _NO_PROXY, stdout=log, stderr=log
            )

    @property
    def said(self) -> str:
        """What this run has said so far."""
        return self._log.read_bytes()[self._said :].decode(errors="replace")

    def told(self, text: str) -> int:
        """How often the study has said something, in all its runs."""
        return self._log.read_text(errors="replace").count(text)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def wait_for_epochs(self, more: int) -> bool:
        """Wait for so many new epochs; whether it still runs."""
        wanted = count(self.folder)[1] + more
        self.wait_until(lambda: count(self.folder)[1] >= wanted, f"trains {more} more epochs")
        return self.runs

    def wait_to_say(self, text: str, before: int = 0) -> float:
        """Seconds until it has said something more often than `before`, or has ended."""
        return self.wait_until(lambda: self.said.count(text) > before, f"says {text!r}")

    def wait_until(self, reached: Callable[[], bool], what: str) -> float:
        """Seconds until something holds, or it has ended.

        Raises:
            WorkFailedError: it does not come.
        """
        began = time.monotonic()
        while self.runs and not reached():
            if time.monotonic() > began + _PATIENCE:
                raise WorkFailedError(f"{self.folder.name} never {what}:\n{self.said}")
            time.sleep(0.1)
        return time.monotonic() - began

    def ends(self) -> int:
        """Its exit code, once it has ended."""
        return self.process.wait(_PATIENCE)


def require_whole(folder: Path, trials: int, told: Counter[str]) -> int:
    """See that each trial is complete with each epoch once, and that none was blamed.

    Args:
        folder: the study's.
        trials: that it has.
        told: how often it must have said what has become of which machine, such as "b is lost".

    Returns:
        How often a trial went on elsewhere.

    Raises:
        WorkFailedError: something was lost, doubled, failed, told twice or not told.
    """
    with Records.open(folder) as records:
        known, epochs, events = records.trials(), records.epochs(), records.events()
    states = Counter(trial.state for trial in known)
    retried = [trial.name for trial in known if trial.retries]
    found = {trial.name: [e.epoch for e in epochs if e.trial == trial.number] for trial in known}
    wrong = [name for name, own in found.items() if own != list(range(1, EPOCHS + 1))]
    if states != {TrialState.COMPLETE: trials} or wrong or retried:
        raise WorkFailedError(f"{folder.name}: {dict(states)}, epochs {wrong}, retried {retried}")
    said = [event.data["text"] for event in events if event.kind is EventKind.WARNING]
    fates = Counter(
        f"{text.partition(fate)[0]}{fate}" for text in said for fate in _FATES if fate in text
    )
    if fates != told:
        raise WorkFailedError(f"{folder.name} told of {dict(fates)}, not of {dict(told)}")
    return sum(event.kind is EventKind.MOVED for event in events)
