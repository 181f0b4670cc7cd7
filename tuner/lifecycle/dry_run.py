"""What a study would do, and what it would take: `run --dry-run`."""

import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding

from sr_models.plain_text import plain_text
from tuner.analysis.commands import wrapped
from tuner.config import StudyConfig
from tuner.config.checks import buildable
from tuner.config.checks.activation import idle_dimensions
from tuner.lifecycle.allocate import AUTO, allocate
from tuner.lifecycle.create import is_study
from tuner.lifecycle.estimate import estimate, proposals
from tuner.lifecycle.model_sizes import ModelSizes, model_sizes
from tuner.lifecycle.notes import notes
from tuner.lifecycle.preparation import PreparationProgress, make_console
from tuner.objectives.protocol import Cost

if TYPE_CHECKING:
    from tuner.executors.allocation import Allocation

LISTED = 12
"""Number of unusable images that are named."""
_HEADING = 12  # columns of text
_INDENT = _HEADING + 1


def print_dry_run(
    config: StudyConfig,
    folder: Path,
    *,
    address: str | None = None,
    more_notes: Sequence[str] = (),
    command: str | None = None,
) -> None:
    """Print what a study would try, what it would take, and the command to run it; write nothing.

    Args:
        config: the study.
        folder: where its results would go.
        address: of the Ray cluster that it would run on; None for this machine.
        more_notes: further notes about the study.
        command: the command that would run it, to be copied; with another name if the folder
            exists.

    Raises:
        UserError: data that the trials need, or a study to learn from, are not available.
    """
    from tuner.lifecycle.warm_start import check_warm_start

    learned = check_warm_start(config)
    allocation = allocate(config, address)
    with PreparationProgress(make_console(quiet=False)).shown() as progress:
        sizes = model_sizes(config, progress)
        cost = config.objective.cost(buildable(config), allocation.threads, progress)
    console = Console()
    _row(console, "study", config.study + (f": {config.description}" if config.description else ""))
    _print_search(config, console)
    _print_sizes(sizes, console)
    _print_estimate(config, allocation, cost, console)
    for note in [*learned, *more_notes, *notes(config)]:
        _row(console, "note", note)
    _row(console, "results", f"{folder} ({_state(folder)})")
    _row(console, "settings", "--print-study in place of --dry-run prints them with all defaults")
    if command is not None:
        _next(console, command)


def _say(console: Console, text: str) -> None:
    """Print text without wrapping, so that it can be copied."""
    console.print(plain_text(text), highlight=False, markup=False, soft_wrap=True)


def _row(console: Console, heading: str, text: str) -> None:
    """Print a heading and its text, wrapped between words on a terminal."""
    line = plain_text(f"{heading:<{_HEADING}} {text}")
    if console.is_terminal:
        indent = " " * _INDENT
        line = fill(line, console.width, subsequent_indent=indent, break_on_hyphens=False)
    _say(console, line)


def _next(console: Console, command: str) -> None:
    """Print the command that runs the study, in lines that a shell reads as a single command."""
    indent = " " * _INDENT
    lines = wrapped(command, console.width - len(indent)) if console.is_terminal else command
    _say(console, f"{'next':<{_HEADING}} {lines}".replace("\n", f"\n{indent}"))


def _state(folder: Path) -> str:
    if is_study(folder):
        return (
            "exists already: give this run another --name, or continue it with --resume or "
            "--extend N"
        )
    if folder.exists():
        return "exists already and is not a study: give this run another --name or --results"
    parent = next(parent for parent in folder.absolute().parents if parent.exists())
    return "would be created" if os.access(parent, os.W_OK) else f"cannot be created in {parent}"


def _print_search(config: StudyConfig, console: Console) -> None:
    """Print what would be tried, and how many settings there are."""
    space = config.space()
    _row(console, "search", f"{_searched(config)}; {_trials(config)}")
    for path in idle_dimensions(space):
        why = "nothing that is searched meets its condition"
        _row(console, "note", f"{path} is never searched: {why}")


def _searched(config: StudyConfig) -> str:
    """How many settings vary: `6 settings, in infinitely many combinations`."""
    space = config.space()
    count, size = len(space.dimensions), space.size()
    if not count:
        return "nothing: no setting varies"
    values = "infinitely many" if size is None else f"{size:,}"
    if count == 1:
        return f"1 setting, with {values} values"
    return f"{count} settings, in {values} combinations"


def _trials(config: StudyConfig) -> str:
    """How many trials there are at most: `4 baselines, then 16 proposals`."""
    count, proposed = len(config.baselines), proposals(config)
    baselines = f"{_counted(count, 'baseline')}, then " if count else ""
    if proposed is None:
        return f"{baselines}as many proposals as the time allows"
    if config.search:
        return f"{baselines}{_counted(proposed, 'proposal')}"
    alone = _counted(count, "baseline")
    return f"{baselines}the objective section as it is" if proposed else alone


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _print_sizes(sizes: ModelSizes, console: Console) -> None:
    """Print every kind of network in the space and the baselines, with its parameters."""
    if sizes.found:
        _row(console, "networks", sizes.heading())
        console.print(Padding(sizes.table(), (0, 0, 0, _INDENT)))


def _print_estimate(
    config: StudyConfig, allocation: "Allocation", cost: Cost | None, console: Console
) -> None:
    if cost is not None and cost.data:
        _row(console, "data", cost.data)
    found = cost.notes if cost is not None else ()
    for note in found[:LISTED]:
        _row(console, "note", note)
    if len(found) > LISTED:
        _row(console, "note", f"and {len(found) - LISTED} more")
    lines = {"workers": _workers(config, allocation)}
    for what, text in {**lines, **estimate(config, allocation.workers, cost)}.items():
        _row(console, what, text)


def _workers(config: StudyConfig, allocation: "Allocation") -> str:
    """How many trials run at once, and on what: `2 trials at a time, each with 1 thread`."""
    threads = f"each with {_counted(allocation.threads, 'thread')}"
    workers = f"{_counted(allocation.workers, 'trial')} at a time, {threads}"
    if not allocation.gpus:
        return workers
    if config.gpus_per_trial == AUTO and allocation.gpus < 1:
        return (
            f"at most {workers}; at most {round(1 / allocation.gpus)} share a GPU: as many as fit "
            "and gain from it, which is measured before the first trial"
        )
    return f"{workers} and {allocation.gpus:g} GPU"
