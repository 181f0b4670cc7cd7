"""A thousand trials through Ray as users run them: memory, time, and how soon it goes on.

    python benchmarks/thousand_trials.py --data ../shared/data/lcbench

The trials are those of the surrogate of LCBench, whose epochs take no time: all that is measured
is what the search itself takes. The driver is watched from outside, killed with kill -9 when it
has its thousand trials, resumed, and ends a few trials later.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table
from thousand.watch import MEGA, Sample, Watched, count

from sr_models.errors import WorkFailedError
from tuner.cli import run_command

NAME = "thousand"
MORE = 50
"""Trials that are left when the driver is killed."""
EVERY = 0.25
"""Seconds between two looks."""


def thousand_trials(
    data: Annotated[Path, typer.Option(help="Folder of the surrogate: model.onnx, encoding.json.")],
    trials: Annotated[int, typer.Option(min=20, help="Trials before the kill.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, help="Trials at the same time.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of the sampler.")] = 0,
    output: Annotated[Path | None, typer.Option(help="Keep the study in this folder.")] = None,
) -> None:
    """Run a large study, kill its driver at the end, and resume it.

    Example: python benchmarks/thousand_trials.py --data ../shared/data/lcbench --trials 1000
    """
    with TemporaryDirectory(prefix="thousand-") as scratch:
        folder = output or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{NAME}.yaml"
        file.write_text(yaml.safe_dump(_study(data.absolute(), trials + MORE, workers, seed)))
        samples = _until_killed(Watched(file, folder, NAME), trials)
        _show(samples, trials)
        _resume(Watched(file, folder, NAME))


def _study(data: Path, trials: int, workers: int, seed: int) -> dict[str, Any]:
    return {
        "study": NAME,
        "objective": {"type": "surrogate", "task": "167152", "folder": str(data)},
        "search": {
            "batch_size": {"low": 16, "high": 512, "log": True},
            "learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
            "momentum": {"low": 0.1, "high": 0.99},
            "weight_decay": {"low": 1e-5, "high": 0.1},
            "num_layers": {"low": 1, "high": 5},
            "max_units": {"low": 64, "high": 1024, "log": True},
            "max_dropout": {"low": 0.0, "high": 1.0},
        },
        "metric": "val_accuracy",
        "sampler": {"type": "tpe", "seed": seed},
        "scheduler": {"type": "asha", "mode": "promote", "grace_period": 1, "reduction_factor": 3},
        "budget": {"trials": trials},
        "workers": workers,
        "threads": 1,
        "gpus_per_trial": 0,
    }


def _until_killed(run: Watched, trials: int) -> list[Sample]:
    """Watch a run until it has so many trials, then kill -9 its driver."""
    samples: list[Sample] = []
    while (sample := run.sample()) is not None and sample.trials < trials:
        if not samples or sample.trials // 100 > samples[-1].trials // 100:
            typer.echo(f"{sample.trials} trials after {sample.seconds:.0f} s", err=True)
        samples.append(sample)
        time.sleep(EVERY)
    if sample is None:
        raise WorkFailedError(f"it ended before it had {trials} trials: {run.log.read_text()}")
    run.kill()
    return [*samples, sample]


def _show(samples: Sequence[Sample], trials: int) -> None:
    """A row for each tenth of the trials: what the driver took between two of them."""
    table = Table(
        "Trials", "Epochs", "s", "ms a trial", "Driver busy", "MB", "Scratch MB", "Study MB"
    )
    steps = [samples[_first(samples, count)] for count in range(0, trials + 1, trials // 10)]
    for before, now in zip([samples[0], *steps[1:]], steps[1:], strict=False):
        seconds = now.seconds - before.seconds
        table.add_row(
            str(now.trials),
            str(now.epochs),
            f"{now.seconds:.0f}",
            f"{1000 * seconds / max(1, now.trials - before.trials):.0f}",
            f"{(now.busy - before.busy) / max(seconds, 1e-9):.0%}",
            f"{now.memory / MEGA:.0f}",
            f"{now.scratch / MEGA:.1f}",
            f"{now.results / MEGA:.1f}",
        )
    Console().print(table)


def _first(samples: Sequence[Sample], trials: int) -> int:
    return next(i for i, sample in enumerate(samples) if sample.trials >= trials)


def _resume(run: Watched) -> None:
    """Measure how soon a killed study goes on, and see that it comes to its end."""
    trials, epochs = count(run.folder)
    began = time.monotonic()
    epoch = _seconds_until(lambda: count(run.folder)[1] > epochs, began, run)
    trial = _seconds_until(lambda: count(run.folder)[0] > trials, began, run)
    sample = run.sample()
    if run.wait() != 0:
        raise WorkFailedError(run.log.read_text())
    typer.echo(
        f"killed at {trials} trials and resumed: next epoch after {epoch:.1f} s, next new trial "
        f"after {trial:.1f} s; all done after {time.monotonic() - began:.1f} s"
    )
    if sample is not None:
        typer.echo(f"the resumed driver holds {sample.memory / MEGA:.0f} MB")


def _seconds_until(reached: Callable[[], bool], began: float, run: Watched) -> float:
    while not reached():
        if run.process.poll() is not None:
            raise WorkFailedError(run.log.read_text())
        time.sleep(0.02)
    return time.monotonic() - began


if __name__ == "__main__":
    run_command(thousand_trials)
