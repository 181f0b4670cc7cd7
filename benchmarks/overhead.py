"""What a search takes besides its training: ours, Ray Tune, Optuna, Syne Tune, one after the other.

    python benchmarks/overhead.py

Each runs the same trials, whose epochs sleep, as a program of its own. What is left out is said:
a package that is not installed (`pip install -e '.[benchmarks]'` brings all).
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tuner.cli import run_command

SIDES = Path(__file__).parent / "overhead_sides"
sys.path.insert(0, str(SIDES))

from training import EPOCHS, Load  # noqa: E402


@dataclass(frozen=True)
class Side:
    """One of those that are compared.

    Args:
        name: as the table shows it.
        script: what runs it, in `overhead_sides`.
        package: what it needs.
    """

    name: str
    script: str
    package: str


ALL = {
    "ours": Side("ours", "ours.py", "ray"),
    "optuna": Side("Optuna, n_jobs, SQLite", "optuna_alone.py", "optuna"),
    "syne-tune": Side("Syne Tune, local backend", "syne.py", "syne_tune"),
    "ray-tune": Side("Ray Tune, OptunaSearch", "ray_tune.py", "ray"),
}


@dataclass(frozen=True)
class Spent:
    """Seconds of one run: until the first epoch began, until the last ended, and in all."""

    first: float
    last: float
    whole: float

    def per_trial(self, load: Load) -> float:
        """Seconds from one trial to the next, all workers together."""
        return (self.last - self.first) / load.trials

    @property
    def around(self) -> float:
        """Seconds of start and end."""
        return self.first + self.whole - self.last


def overhead(
    trials: Annotated[int, typer.Option(min=1, help="How many.")] = 40,
    workers: Annotated[int, typer.Option(min=1, help="Trials at the same time.")] = 2,
    epochs: Annotated[int, typer.Option(min=1, help="Of each trial.")] = 3,
    seconds: Annotated[float, typer.Option(min=0, help="Of each epoch.")] = 0.05,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Only these; repeatable: {', '.join(ALL)}.")
    ] = None,
) -> None:
    """Run the same trials with each tool, and show where the time goes.

    Example: python benchmarks/overhead.py --only ours --only optuna
    """
    console = Console()
    found: dict[str, Spent | str] = {}
    for name in only or ALL:
        if name not in ALL:
            raise typer.BadParameter(f"{name}: one of {', '.join(ALL)}", param_hint="--only")
        with TemporaryDirectory(prefix="overhead-") as folder:
            load = Load(Path(folder), trials, workers, epochs, seconds)
            found[name] = run_side(ALL[name], load)
        console.print(f"{ALL[name].name}: {_said(found[name])}", highlight=False)
    console.print(table(found, load))


def run_side(side: Side, load: Load) -> Spent | str:
    """Run one; returns why it could not be run where it could not."""
    if find_spec(side.package) is None:
        return f"not run, {side.package} is not installed"
    command = [sys.executable, str(SIDES / side.script), *load.words()]
    started = time.time()
    log = load.folder / "log.txt"
    with log.open("w") as file:
        done = subprocess.run(
            command, cwd=load.folder, stdout=file, stderr=subprocess.STDOUT, check=False
        )
    ended = time.time()
    if not (load.folder / EPOCHS).is_file():
        return f"not run, exit code {done.returncode}: {log.read_text()[-300:].strip()}"
    return spent((load.folder / EPOCHS).read_text(), started, ended)


def spent(lines: str, started: float, ended: float) -> Spent:
    """From the lines that the epochs have left, when each began and ended."""
    times = [tuple(map(float, line.split())) for line in lines.splitlines()]
    first, last = min(time[0] for time in times), max(time[1] for time in times)
    return Spent(first - started, last - started, ended - started)


def table(found: dict[str, Spent | str], load: Load) -> Table:
    """One row for each that ran."""
    ideal = load.trials * load.epochs * load.seconds / load.workers
    shown = Table(
        title=f"{load.trials} trials of {load.epochs} epochs of {load.seconds:g} s, "
        f"{load.workers} at once: {ideal:.1f} s of training"
    )
    for heading in ("", "whole", "to the first epoch", "after the last", "both", "a trial"):
        shown.add_column(heading, justify="right" if heading else "left")
    for name, one in found.items():
        if isinstance(one, str):
            shown.add_row(ALL[name].name, one.partition(":")[0])
            continue
        figures = (one.whole, one.first, one.whole - one.last, one.around)
        cells = [f"{figure:.1f} s" for figure in figures]
        shown.add_row(ALL[name].name, *cells, f"{one.per_trial(load):.3f} s")
    return shown


def _said(one: Spent | str) -> str:
    return one if isinstance(one, str) else f"{one.whole:.1f} s"


if __name__ == "__main__":
    run_command(overhead)
