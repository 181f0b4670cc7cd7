"""A run of a study as a process, and what its driver and its folders take while it runs."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tuner.records.sqlite_file import connect_to_read

ROOT = Path(__file__).parents[2]
MEGA = 1e6


@dataclass(frozen=True)
class Sample:
    """What was there at one moment.

    Args:
        seconds: since the command was given.
        trials: in study.db.
        epochs: in study.db.
        memory: bytes of main memory that the driver holds (RSS).
        busy: seconds of CPU time that the driver has used.
        scratch: bytes of Ray's scratch folder.
        results: bytes of the study's folder.
    """

    seconds: float
    trials: int
    epochs: int
    memory: int
    busy: float
    scratch: int
    results: int


class Watched:
    """`python -m tuner.run FILE`, with --resume where there is a study, watched from outside."""

    def __init__(self, file: Path, results: Path, name: str) -> None:
        self.folder = results / name
        command = [sys.executable, "-m", "tuner.run", str(file), "--results", str(results)]
        command += ["--resume"] if self.folder.is_dir() else []
        self.log = file.with_suffix(".log")
        self._began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        self._driver = psutil.Process(self.process.pid)

    def sample(self) -> Sample | None:
        """What is there now; None once it has ended."""
        trials, epochs = count(self.folder)
        with suppress(psutil.NoSuchProcess):
            cpu = self._driver.cpu_times()
            return Sample(
                seconds=time.monotonic() - self._began,
                trials=trials,
                epochs=epochs,
                memory=self._driver.memory_info().rss,
                busy=cpu.user + cpu.system,
                scratch=_size(Path(tempfile.gettempdir()) / f"sr-tuner-{self.process.pid}"),
                results=_size(self.folder),
            )
        return None

    def kill(self) -> None:
        """Kill -9 the driver."""
        self.process.kill()
        self.process.wait()

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        return self.process.wait()


def count(folder: Path) -> tuple[int, int]:
    """Trials and epochs in study.db; 0 while there is none.

    What a killed writer has left half done is rolled back first, as any reader of ours does it.
    """
    query = "SELECT (SELECT COUNT(*) FROM trials), (SELECT COUNT(*) FROM epochs)"
    path = folder / "study.db"
    if not path.is_file():
        return 0, 0
    with closing(connect_to_read(path)) as connection:
        trials, epochs = connection.execute(query).fetchone()
    return int(trials), int(epochs)


def _size(folder: Path) -> int:
    """Bytes on disk of all files, those that go away meanwhile aside."""
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
    return total
