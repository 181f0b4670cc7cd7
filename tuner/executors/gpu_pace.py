"""Measuring the speed of a trial that shares a GPU with copies of itself, each in a process."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from tuner.executors.gpu_share import NoPaceError, Pace
from tuner.objectives.protocol import TrialContext
from tuner.objectives.shipping import Shipment, unpack

PATIENCE = 90.0
"""Seconds for a measurement; longer epochs are not worth it."""
_ERROR_SHOWN = 300


@dataclass(frozen=True)
class Sample:
    """A trial to be measured: its objective, its config, and what trials share."""

    objective: Shipment
    config: Mapping[str, Any]
    threads: int
    shared: Mapping[str, Any]


@dataclass
class _Runner:
    """One of the processes, and its messages."""

    process: "subprocess.Popen[str]"
    lines: "SimpleQueue[dict[str, Any] | None]" = field(default_factory=SimpleQueue)
    said: list[dict[str, Any]] = field(default_factory=list)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self.lines.put(json.loads(line))
        self.lines.put(None)


def measure_pace(
    sample: Sample,
    count: int,
    *,
    command: tuple[str, ...] = (sys.executable, "-m", "tuner.executors.gpu_pace"),
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
) -> Pace:
    """Run `count` copies of a trial at once until each has trained an epoch beside all others.

    Args:
        sample: the trial.
        count: the number of processes.
        command: the command of a process.
        patience: seconds after which the measurement is given up.
        clock: returns the time in seconds.

    Raises:
        NoPaceError: the trial fails, or takes too long.
    """
    until = clock() + patience
    with (
        tempfile.TemporaryDirectory(prefix="sr-tuner-pace-") as folder,
        _running(sample, count, command, Path(folder)) as runners,
    ):
        while (pace := _pace(runners)) is None:
            _hear(runners, until - clock(), Path(folder))
        return pace


def _pace(runners: list[_Runner]) -> Pace | None:
    """The result, once each process has an epoch that began when all others had trained one."""
    if not all(runner.said for runner in runners):
        return None
    warm = max(runner.said[0]["ended"] for runner in runners)
    later = [[epoch for epoch in runner.said if epoch["started"] >= warm] for runner in runners]
    if not all(later):
        return None
    paces = [1 / max(1e-9, some[0]["ended"] - some[0]["started"]) for some in later]
    said = [epoch for some in later for epoch in some]
    memory = max(epoch["memory"] for epoch in said)
    return Pace(sum(paces), memory, min(runner.said[0]["free"] for runner in runners))


def _hear(runners: list[_Runner], seconds: float, folder: Path) -> None:
    """Read the messages of the processes for a moment."""
    if seconds <= 0:
        raise NoPaceError(f"an epoch takes too long to be measured ({PATIENCE:.0f} s)")
    for number, runner in enumerate(runners):
        try:
            line = runner.lines.get(timeout=0.05)
        except Empty:
            continue
        if line is None:
            words = (folder / f"{number}.txt").read_text(errors="replace").strip()
            last = words.splitlines()[-1] if words else f"exit code {runner.process.wait()}"
            raise NoPaceError(f"a trial could not be measured: {last[-_ERROR_SHOWN:]}")
        runner.said.append(line)


@contextmanager
def _running(
    sample: Sample, count: int, command: tuple[str, ...], folder: Path
) -> Iterator[list[_Runner]]:
    (folder / "sample").write_bytes(pickle.dumps(sample))
    runners: list[_Runner] = []
    try:
        for number in range(count):
            with (folder / f"{number}.txt").open("w") as errors:
                process = subprocess.Popen(
                    [*command, str(folder / "sample"), str(folder / str(number))],
                    stdin=subprocess.PIPE,  # closes when this process dies, which ends them
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                )
            runner = _Runner(process)
            Thread(target=runner.listen, name="pace", daemon=True).start()
            runners.append(runner)
        yield runners
    finally:
        for runner in runners:
            runner.process.kill()
        for runner in runners:
            runner.process.wait()


def main(sample_file: str, folder: str) -> None:
    """Train the trial again and again, and print what each epoch took."""
    os.environ["CUDA_VISIBLE_DEVICES"] = _first_gpu()
    Thread(target=_end_with_parent, daemon=True).start()
    sample: Sample = pickle.loads(Path(sample_file).read_bytes())
    objective = unpack(sample.objective)
    config = objective.config_type.model_validate(sample.config)
    while True:
        with tempfile.TemporaryDirectory(dir=Path(folder).parent) as place:
            context = TrialContext(Path(place), 0, sample.threads, sample.shared)
            for epoch in objective.run(config, context):
                times = {"started": epoch.started, "ended": epoch.ended}
                print(json.dumps({**times, **gpu_memory()}), flush=True)


def gpu_memory() -> dict[str, int]:
    """Return the peak of this process's GPU memory, and what was free before."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {"memory": 0, "free": 0}
    taken = int(torch.cuda.max_memory_reserved())
    free, _ = torch.cuda.mem_get_info()
    return {"memory": taken, "free": int(free) + int(torch.cuda.memory_reserved())}


def _first_gpu() -> str:
    return os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
