"""Kills studies again and again, at random moments, and compares them with ones that were not.

    python benchmarks/crash_recovery.py --times 20 --seed 0

Each time, `kill -9` hits the driver, a worker, all of Ray, or every process at once, while the
study starts, trains, promotes or resumes; then it is gone on with as a user does. A study that has
ended before all kills are spent is followed by another one.
"""

import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from crash.comparison import Ended, require_same, require_sound, trained_alone, twice
from crash.killer import Killer
from crash.run import Run, left_behind
from crash.studies import NAME, STUDIES, write

from sr_models.errors import WorkFailedError
from tuner.cli import run_command


def crash_recovery(
    times: Annotated[int, typer.Option(min=1, help="How often to kill.")] = 20,
    seed: Annotated[int, typer.Option(help="Of studies, moments and victims.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Trials at the same time.")] = 1,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--study", help=f"Only these, in turn: {', '.join(STUDIES)}."),
    ] = None,
) -> None:
    """Kill studies and compare them with uninterrupted ones; exit code 1 if they differ.

    Example: python benchmarks/crash_recovery.py --times 20 --seed 0 --workers 3

    With one worker all is compared: trials, settings, states, reasons, every metric of every
    epoch, the best. So it is with more workers for the study `listed`, whose proposals do not
    depend on results. In the others, they depend on the order in which parallel trials come in, so
    each trial is compared with the same setting trained alone.
    """
    chosen = kinds or list(STUDIES)
    killer = Killer(random.Random(seed), times, _say)
    tally = Tally()
    root = Path(tempfile.mkdtemp(prefix="crash-"))
    while killer.left:
        kind = chosen[tally.studies % len(chosen)]
        _say(f"study {tally.studies + 1}: {kind}, once whole, then killed")
        _compare(kind, seed + tally.studies, workers, root / str(tally.studies), killer, tally)
        _say(f"equal; {tally.epochs} epochs so far, {tally.again} of them trained again")
    shutil.rmtree(root)  # kept where something differs
    typer.echo(_summary(killer, tally))


@dataclass
class Tally:
    """What all studies have come to."""

    studies: int = 0
    epochs: int = 0
    again: int = 0
    possible: int = 0  # epochs that may have been under way at a kill


def _compare(kind: str, seed: int, workers: int, root: Path, killer: Killer, tally: Tally) -> None:
    """Run one study twice, once with kills.

    Raises:
        WorkFailedError: they differ.
    """
    file = write(kind, seed, workers, root)
    run = Run(file, root / "whole")
    if run.wait() != 0:
        raise WorkFailedError(run.said)
    kills = killer.run(file, root / "killed")
    whole, killed = Ended.of(root / "whole" / NAME), Ended.of(root / "killed" / NAME)
    if workers == 1 or kind == "listed":
        require_same(killed, whole)
    elif kind == "training":
        require_sound(killed, whole, lambda trial: whole.curves[trial.name])
    else:
        require_sound(killed, whole, lambda trial: trained_alone(trial, root / "alone"))
    again, possible = twice(killed), kills * workers
    if again > possible:
        raise WorkFailedError(f"{again} epochs were trained again, {possible} were under way")
    if left := left_behind(root / "killed"):
        raise WorkFailedError(f"still alive: {left}")
    tally.studies, tally.epochs = tally.studies + 1, tally.epochs + len(killed.epochs)
    if killed.computed:  # a real network does not count
        tally.again, tally.possible = tally.again + again, tally.possible + possible


def _summary(killer: Killer, tally: Tally) -> str:
    victims = ", ".join(f"{name} {count}" for name, count in killer.killed.most_common())
    lines = [
        f"{killer.killed.total()} kills ({victims}) in {tally.studies} studies",
        f"{tally.epochs} epochs, none lost, none different",
    ]
    if tally.possible:
        lines.append(
            f"toy: {tally.again} trained again, of at most {tally.possible} under way at a kill"
        )
    if killer.resumed:
        lines.append(
            "from the resumed command to its first new epoch: "
            f"{median(killer.resumed):.1f} s in the median, {max(killer.resumed):.1f} s at most"
        )
    return "\n".join(lines)


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    run_command(crash_recovery)
