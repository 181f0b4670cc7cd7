"""One run of a study as a process of its own, and what of it can be killed."""

import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
from crash.studies import NAME, ROOT

from sr_models.errors import WorkFailedError
from tuner.records import Records, RecordsError

RAY = ("raylet", "gcs_server", "ray::", "/ray/")
WORKER = "Trainable"
"""In the titles of workers, which Ray changes with what they do."""
MARK = "SR_TUNER_CRASH"
"""Set in the environment of a run, so that all its processes can be told from others."""
SOON = 60.0
"""Seconds within which what dies is gone, and a driver whose workers were killed gives up."""


class Run:
    """`python -m tuner.run`, with --resume where there is a study; what it says goes to a file.

    Args:
        file: of the study.
        results: where its folder is.
    """

    def __init__(self, file: Path, results: Path) -> None:
        self.folder = results / NAME
        self.log = file.with_name("said.txt")
        self.resumed = (self.folder / "study.db").exists()
        self._began = time.monotonic()
        self._had = count_epochs(self.folder)
        self.first: float | None = None  # seconds until its first new epoch
        command = [sys.executable, "-m", "tuner.run", str(file), "--results", str(results)]
        command += ["--quiet", "--resume"] if self.resumed else ["--quiet"]
        with self.log.open("wb") as log:
            environment = os.environ | {MARK: str(results), "OMP_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        return self._process.wait()

    def wait_for(self, epochs: int) -> bool:
        """Wait for so many new epochs; whether it still runs."""
        wanted = count_epochs(self.folder) + epochs
        while self._process.poll() is None:
            found = count_epochs(self.folder)
            if self.first is None and found > self._had:
                self.first = time.monotonic() - self._began
            if found >= wanted:
                return True
            time.sleep(0.02)
        return False

    def wait_seconds(self, seconds: float) -> bool:
        """Wait so long; whether it still runs."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll() is None

    # What can be killed

    def kill_driver(self) -> None:
        """The driver alone: the rest has to end by itself, and does so while it is resumed."""
        self._process.kill()
        self._process.wait()

    def kill_worker(self, choice: random.Random) -> bool:
        """One of the workers, which the driver replaces; False where there is none now."""
        workers = self._children(WORKER)
        if workers:
            _kill([choice.choice(workers)])
        return bool(workers)

    def kill_ray(self) -> bool:
        """All of Ray, workers included; whether there was one.

        A driver that has workers ends and says why. One that waits for Ray to start would wait up
        to a minute and start another, so it is killed as well.

        Raises:
            WorkFailedError: a driver that had workers goes on, or says nothing.
        """
        ray = self._children(*RAY)
        training = any(WORKER in _command(one) for one in ray)
        _kill(ray)
        if training:
            if self.wait_seconds(SOON):
                raise WorkFailedError(f"the driver still ran {SOON:g} s after Ray was killed")
            if self.wait() != 0 and "Ray " not in self.said:
                raise WorkFailedError(f"Ray was killed, and the driver said: {self.said}")
        self.kill_driver()
        return bool(ray)

    def kill_all(self) -> None:
        """Every process at once."""
        children = self._children()
        self._process.kill()
        _kill(children)
        self._process.wait()

    @property
    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text()

    def _children(self, *names: str) -> list[psutil.Process]:
        """Those whose commands hold one of `names`, or all; none of a run that has ended."""
        try:
            found = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [one for one in found if not names or any(name in _command(one) for name in names)]


def count_epochs(folder: Path) -> int:
    """How many epochs are recorded; 0 while there is no study yet."""
    try:
        with Records.open(folder) as records:
            return len(records.epochs())
    except RecordsError:
        return 0


def left_behind(results: Path) -> list[str]:
    """The processes of runs into `results` that still live, after a while for them to end."""
    end = time.monotonic() + SOON
    while (found := _alive(str(results))) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def _alive(mark: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(_command(process))
    return found


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""
