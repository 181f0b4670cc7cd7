"""Trains the best trials again under other seeds: is the winner better, or was it luck?"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr_models.errors import UserError
from tuner.cli import run_command
from tuner.config import Confirm

if TYPE_CHECKING:
    from tuner.core.study import EnqueuedTrial
    from tuner.lifecycle.runner import StudyRunner
    from tuner.records import Records


def confirm(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A results folder.")],
    top: Annotated[int, typer.Option(min=1, help="How many of the best trials.")] = 3,
    seeds: Annotated[int, typer.Option(min=2, help="Over how many seeds each.")] = 5,
    address: Annotated[
        str | None, typer.Option(metavar="ADDR", help="A Ray cluster to run on (host:port, auto).")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")] = False,
) -> None:
    """Train the best trials of a study over several seeds, to their own end, and compare them.

    Example: python -m tuner.confirm results/step4 --top 2 --seeds 3

    Every seed changes the initial weights and the order of the batches; the split of the images
    stays. Trials that are confirmed already are not trained again.
    """
    from tuner.config import load_study
    from tuner.lifecycle.create import is_study
    from tuner.lifecycle.progress import make_console
    from tuner.lifecycle.resume import ResumeOptions, open_study, require_same
    from tuner.lifecycle.runner import StudyRunner
    from tuner.records.lock import lock_study

    if not is_study(study):
        raise UserError(f"{study} is not a study")
    with lock_study(study):
        config = load_study(study / "study.yaml")
        with open_study(study) as records:
            require_same(records, config, ResumeOptions())
            console = make_console(quiet=quiet)
            session = StudyRunner(config, records, console, address, again="the same command")
            raise typer.Exit(confirm_best(session, Confirm(top=top, seeds=seeds)))


def confirm_best(session: "StudyRunner", confirm: Confirm) -> int:
    """Run the repeats that are missing; returns the exit code.

    Raises:
        UserError: the study has no trial to confirm, or its objective has no seed.
    """
    from tuner.lifecycle.runner import best_trials

    if "seed" not in type(session.config.objective_config).model_fields:
        raise UserError(f"{session.config.objective_type} has no seed: nothing to confirm")
    best = best_trials(session.records, confirm.top)
    if not best:
        raise UserError(f"{session.records.folder} has no trial to confirm yet")
    return replace(session, fixed=list(_repeats(session.records, best, confirm.seeds))).run()


def _repeats(records: "Records", best: list[str], seeds: int) -> "list[EnqueuedTrial]":
    """One trial for each setting and seed; the seed that was searched with is not repeated."""
    from tuner.core.study import EnqueuedTrial
    from tuner.records import TrialKind

    known = {trial.name for trial in records.trials() if trial.kind is TrialKind.CONFIRM}
    repeats = []
    for name in best:
        trial = records.trial(name)
        first = int(trial.config["seed"])
        for seed in range(first + 1, first + seeds):
            repeat = f"{name}-seed{seed}"
            if repeat not in known:
                params = {**trial.params, "seed": seed}
                repeats.append(EnqueuedTrial(repeat, TrialKind.CONFIRM, params))
    return repeats


if __name__ == "__main__":
    run_command(confirm)
