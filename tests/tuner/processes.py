"""Runs of `python -m tuner.run` as processes, to be killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tuner.records import RUN_STARTS, Records, RecordsError

ROOT = Path(__file__).parents[2]
RAY = ("raylet", "gcs_server", "ray::", "ray/")


class Run:
    """A run in a session of its own, as a terminal would start it."""

    def __init__(self, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tuner.run", *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait(self, seconds: float = 200) -> tuple[int, str]:
        """Its exit code and what it has said."""
        try:
            said, _ = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self._process.returncode, said

    def wait_for(self, folder: Path, epochs: int, seconds: float = 200) -> None:
        """Wait until the study in `folder` has so many epochs."""
        end = time.monotonic() + seconds
        while epochs_of(folder) < epochs:
            assert self._process.poll() is None, self.wait()
            assert time.monotonic() < end, f"{epochs_of(folder)} of {epochs} epochs"
            time.sleep(0.02)

    def wait_for_start(self, folder: Path, seconds: float = 60) -> None:
        """Wait until its run is recorded in study.db: what ends it now interrupts a study."""
        before, end = starts_of(folder), time.monotonic() + seconds
        while starts_of(folder) == before:
            assert self._process.poll() is None, self.wait()
            assert time.monotonic() < end
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill -9 the driver, and nothing else."""
        self._process.kill()
        self._process.wait()
        with suppress(subprocess.TimeoutExpired):  # its Ray holds the pipe while it dies
            self._process.communicate(timeout=0.1)

    def kill_ray(self) -> None:
        """Kill -9 all processes of Ray, and not the driver."""
        for process in self.children(*RAY):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def kill_workers(self) -> None:
        """Kill -9 the workers."""
        for process in self.children("Trainable"):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def children(self, *names: str) -> list[psutil.Process]:
        """The processes under it whose command lines have one of these names."""
        found = []
        for process in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if any(name in " ".join(process.cmdline()) for name in names):
                    found.append(process)
        return found

    def send(self, number: int) -> None:
        """Send the driver a signal, as Slurm, Kubernetes and systemd do."""
        self._process.send_signal(number)

    def press_ctrl_c(self) -> None:
        """What a terminal does: the signal goes to all processes of the group."""
        os.killpg(self._process.pid, signal.SIGINT)


def starts_of(folder: Path) -> int:
    """How many runs of a study are recorded."""
    try:
        with Records.open(folder) as records:
            return sum(event.kind in RUN_STARTS for event in records.events())
    except RecordsError:
        return 0


def epochs_of(folder: Path) -> int:
    """How many epochs are recorded."""
    try:
        with Records.open(folder) as records:
            return len(records.epochs())
    except RecordsError:
        return 0
