"""Runs a study: `python -m tuner.run search_spaces/step4.yaml`."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr_models.errors import UserError
from tuner.cli import run_command
from tuner.config import StudyConfig, load_study
from tuner.config.study import checked_name
from tuner.lifecycle.create import STUDY_FILE, claim, create_study, is_study
from tuner.lifecycle.resume import ResumeOptions, changes_told, reopen_study, stored_overrides

if TYPE_CHECKING:
    from rich.console import Console

    from tuner.records import Records


def run(
    space: Annotated[Path, typer.Argument(metavar="SPACE.yaml", help="The study file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set any key of the file; repeatable."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Folder of the results; unless given, the study's name.")
    ] = None,
    results: Annotated[Path, typer.Option(metavar="DIR", help="Where studies land.")] = Path(
        "results"
    ),
    trials: Annotated[
        int | None, typer.Option(min=0, help="Settings to propose, beside the baselines.")
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(metavar="30m", help="Time budget of the whole study.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Trials at the same time; unless given, all that fit.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="ADDR", help="A Ray cluster to run on (host:port, auto).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check, show what would be done and what it takes.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a study that was interrupted.")
    ] = False,
    extend: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Add N trials to a study, and go on.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Resume although settings or images have changed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")] = False,
) -> None:
    """Search the settings of a study file, and compare what was found.

    Example: python -m tuner.run search_spaces/step4.yaml --set objective.training.max_epochs=5

    Ctrl-C ends it so that --resume goes on; nothing that was trained is lost. Exit codes: 0 done,
    1 no trial succeeded, 2 wrong use or an invalid file, 130 interrupted.
    """
    given = _overrides(overrides, trials, max_time, workers)
    _check_name(name)
    if dry_run:
        if resume or extend is not None:
            raise UserError("--dry-run shows what a new study would take, not --resume or --extend")
        from tuner.lifecycle.dry_run import print_dry_run

        config = load_study(space, given)
        print_dry_run(config, results / (name or config.study))
        return
    from tuner.lifecycle.progress import make_console

    how = RunOptions(resume or extend is not None, ResumeOptions(extend, force, given), address)
    raise typer.Exit(run_study(space, given, results, name, how, make_console(quiet=quiet)))


@dataclass(frozen=True)
class RunOptions:
    """How a study is run: new or gone on with, here or on a cluster."""

    goes_on: bool = False
    going: ResumeOptions = field(default_factory=ResumeOptions)
    address: str | None = None


def run_study(
    space: Path,
    overrides: list[str],
    results: Path,
    name: str | None,
    how: RunOptions,
    console: "Console",
) -> int:
    """Run a study to its end and show its result; returns the exit code."""
    from tuner.confirm import confirm_best
    from tuner.lifecycle.runner import StudyRunner
    from tuner.lifecycle.warm_start import check_warm_start
    from tuner.trackers.sync.manager import TrackerSync

    config = load_study(space, overrides)
    folder = results / (name or config.study)
    if how.goes_on:
        own = _own_file(space, name)
        folder = folder if own is None else own.parent
        known = stored_overrides(folder) if own is None else []
        config = load_study(space, [*known, *overrides])
    TrackerSync(folder, config.trackers).check()
    for told in [] if how.goes_on else check_warm_start(config):
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    with ExitStack() as stack:
        records = stack.enter_context(_opened(config, folder, overrides, how, stack))
        for change in changes_told(records):
            console.print(f"changed: {change}", highlight=False, markup=False, soft_wrap=True)
        session = StudyRunner(config, records, console, how.address, force=how.going.force)
        code = session.run()
        if code == 0 and config.confirm is not None:
            code = confirm_best(session, config.confirm)
        return code


def _own_file(space: Path, name: str | None) -> Path | None:
    """The study file in a results folder, if that is what was given: it says all, and where."""
    own = space.name == STUDY_FILE and is_study(space.parent)
    return space if own and name in (None, space.absolute().parent.name) else None


def _opened(
    config: StudyConfig, folder: Path, overrides: list[str], how: RunOptions, stack: ExitStack
) -> "Records":
    """The study's records, made or opened under its lock."""
    from tuner.records.lock import lock_study

    if how.goes_on:
        stack.enter_context(lock_study(folder))
        return reopen_study(config, folder, how.going)
    claim(folder)
    stack.enter_context(lock_study(folder))
    return create_study(config, folder, overrides)


def _check_name(name: str | None) -> None:
    """See that --name is the name of a folder in --results, by the rule for `study:`."""
    if name is None:
        return
    try:
        checked_name(name)
    except ValueError as error:
        raise UserError(f"--name {name!r}: {error}") from None


def _overrides(
    overrides: list[str] | None, trials: int | None, max_time: str | None, workers: int | None
) -> list[str]:
    """The options of the command line as overrides of the file."""
    found = list(overrides or [])
    found += [f"budget.trials={trials}"] if trials is not None else []
    found += [f"budget.wall_clock={max_time}"] if max_time is not None else []
    found += [f"workers={workers}"] if workers is not None else []
    return found


if __name__ == "__main__":
    run_command(run)
