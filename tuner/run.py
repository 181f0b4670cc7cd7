"""Running a study: `python -m tuner.run search_spaces/step4.yaml`."""

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from sr_models.errors import UserError
from sr_models.plain_text import plain_text
from tuner.cli import Address, Quiet, run_command


def run(
    space: Annotated[Path, typer.Argument(metavar="SPACE.yaml", help="The study file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set any key of the file; repeatable."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="PHOTOS", help="Train on your own folder of photographs."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Folder of the results; by default the study's name.")
    ] = None,
    results: Annotated[Path, typer.Option(metavar="DIR", help="The folder of all studies.")] = Path(
        "results"
    ),
    trials: Annotated[
        int | None, typer.Option(min=0, help="Settings to propose, in addition to the baselines.")
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(metavar="30m", help="Time budget of the whole study.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Trials at the same time; by default as many as fit.")
    ] = None,
    address: Address = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check, print what would be tried and what it would take."),
    ] = False,
    print_study: Annotated[
        bool,
        typer.Option("--print-study", help="Check, and print the file with all its defaults."),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume a study that was interrupted.")
    ] = False,
    extend: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Resume a study with N more trials.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run failed trials again, and resume the study.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Resume although settings or images have changed.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Search the settings of a study file, and compare what was found.

    Example: python -m tuner.run search_spaces/step4.yaml --set objective.training.max_epochs=5

    After Ctrl-C, --resume continues from there; nothing that was trained is lost. Exit codes: 0
    done, 1 no trial succeeded, 2 wrong use or an invalid file, 130 interrupted (143 by SIGTERM,
    after up to 10 s for epochs in progress).
    """
    from tuner.lifecycle.console import ConsoleReporter
    from tuner.lifecycle.preparation import make_console
    from tuner.lifecycle.resume import ResumeOptions
    from tuner.lifecycle.run import RunOptions, named, run_file
    from tuner.records.place import results_folder

    results = results_folder(results)
    given = [*_overrides(overrides, trials, max_time, workers), *_data(data)]
    _check_name(name)
    resumed = resume or extend is not None or retry_failed
    if resumed and (dry_run or print_study):
        option = "--dry-run" if dry_run else "--print-study"
        raise UserError(f"{option} is about a new study, not about one that is resumed")
    if print_study:
        from tuner.config import dump_study, load_study

        typer.echo(plain_text(dump_study(load_study(space, [*given, *named(name)]))), nl=False)
        return
    if dry_run:
        options = {
            "--data": data, "--name": name, "--trials": trials, "--max-time": max_time,
            "--workers": workers, "--address": address,
            "--results": None if results == Path("results") else results,
        }  # fmt: skip
        _dry_run(space, [*given, *named(name)], results, overrides or [], options)
        return
    resuming = ResumeOptions(extend, force, given, retry_failed) if resumed else None
    run_options = RunOptions(given, resuming, address)
    reporter = ConsoleReporter(make_console(quiet=quiet), address=address)
    result = run_file(space, results, name, run_options, reporter)
    raise typer.Exit(result.exit_code)


def _dry_run(
    space: Path,
    changes: list[str],
    results: Path,
    typed: list[str],
    options: Mapping[str, object],
) -> None:
    """Show what a run would do.

    Args:
        space: the study file.
        changes: all changes of it that were asked for.
        results: the folder of studies.
        typed: the values of --set.
        options: the other options, for the command that would start the run.
    """
    from tuner.analysis.program import program_here
    from tuner.config import load_study
    from tuner.config.load import replaced_sections
    from tuner.lifecycle.dry_run import print_dry_run

    config = load_study(space, changes)
    folder = results / config.study
    if folder.exists():
        options = {**options, "--name": _free_name(results, config.study)}
    words = [word for change in typed for word in ("--set", change)]
    words += [str(word) for pair in options.items() if pair[1] is not None for word in pair]
    command = program_here().command("tuner.run", space, *words)
    told = replaced_sections(space, changes, config)
    address = options["--address"]
    cluster = None if address is None else str(address)
    print_dry_run(config, folder, address=cluster, more_notes=told, command=command)


def _free_name(results: Path, name: str) -> str:
    """The name with the first number that no folder has yet: `mine-2`."""
    names = (f"{name}-{number}" for number in count(2))
    return next(free for free in names if not (results / free).exists())


def _check_name(name: str | None) -> None:
    """Check that --name can be the name of a folder in --results, by the rule for `study:`."""
    if name is None:
        return
    from tuner.config.study import checked_name

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
    found += [f"budget.wall_clock={_duration(max_time)}"] if max_time is not None else []
    found += [f"workers={workers}"] if workers is not None else []
    return found


def _data(folder: Path | None) -> list[str]:
    """A folder of photographs as overrides of the file; other settings of the data stay."""
    if folder is None:
        return []
    if not folder.expanduser().is_dir():
        problem = "is not a folder" if folder.expanduser().exists() else "does not exist"
        raise UserError(f"--data {folder}: {problem}")
    source = "objective.data.source"
    return [f"{source}.type=folder", f"{source}.path={json.dumps(str(folder))}"]


def _duration(max_time: str) -> str:
    """--max-time as it was given, which the file could hold too."""
    from tuner.config import parse_duration

    try:
        parse_duration(max_time)
    except ValueError as error:
        raise UserError(f"--max-time {max_time!r}: {error}") from None
    return max_time


if __name__ == "__main__":
    run_command(run)
