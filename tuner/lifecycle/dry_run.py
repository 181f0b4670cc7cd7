"""What a study would do, and what it would take: `run --dry-run`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from sr_models.plain_text import plain_text
from tuner.analysis.commands import wrapped
from tuner.config import StudyConfig, dump_study
from tuner.config.checks.activation import idle_dimensions
from tuner.lifecycle.allocate import AUTO, allocate
from tuner.lifecycle.estimate import estimate, proposals
from tuner.lifecycle.notes import notes
from tuner.lifecycle.progress import PreparationProgress, make_console
from tuner.objectives.protocol import Cost, Progress
from tuner.space.draw import draw

if TYPE_CHECKING:
    from tuner.executors.allocation import Allocation

SAMPLED = 200
"""Settings that are drawn to see which networks a space holds."""
LISTED = 12
"""Networks that are listed one by one; of more, the smallest and the largest."""
_HEADING = 12  # columns of text


def print_dry_run(
    config: StudyConfig,
    folder: Path,
    *,
    address: str | None = None,
    told: Sequence[str] = (),
    command: str | None = None,
) -> None:
    """Print the resolved study, its space, its networks and an estimate; write nothing.

    Args:
        config: the study.
        folder: where its results would lie.
        address: of the Ray cluster that it would run on; None for this machine.
        told: what else there is to know of the study.
        command: what would run it, to be copied.

    Raises:
        UserError: the data that the trials need cannot be had, or a study to learn from.
    """
    from tuner.lifecycle.warm_start import check_warm_start

    learned = check_warm_start(config)
    console = Console()
    _say(console, dump_study(config).rstrip())
    console.rule(style="dim")
    _print_space(config, console)
    allocation = allocate(config, address)
    with PreparationProgress(make_console(quiet=False)).shown() as progress:
        networks = _networks(config, progress)
        cost = config.objective.cost(config.objective_config, allocation.threads, progress)
    _print_networks(networks, console)
    _print_estimate(config, allocation, cost, console)
    for line in learned:
        _say(console, line)
    for note in [*told, *notes(config)]:
        _row(console, "note", note)
    _row(console, "results", f"{folder} ({_state(folder)})")
    if command is not None and not folder.exists():
        _next(console, command)


def _say(console: Console, text: str) -> None:
    """Print text as it is, in lines that can be copied."""
    console.print(plain_text(text), highlight=False, markup=False, soft_wrap=True)


def _row(console: Console, heading: str, text: str) -> None:
    """A heading and what it is about; on a terminal in lines that end between two words."""
    line = plain_text(f"{heading:<{_HEADING}} {text}")
    if console.is_terminal:
        indent = " " * (_HEADING + 1)
        line = fill(line, console.width, subsequent_indent=indent, break_on_hyphens=False)
    _say(console, line)


def _next(console: Console, command: str) -> None:
    """What runs the study, in lines that a shell reads as one."""
    indent = " " * (_HEADING + 1)
    lines = wrapped(command, console.width - len(indent)) if console.is_terminal else command
    _say(console, f"{'next':<{_HEADING}} {lines}".replace("\n", f"\n{indent}"))


def _state(folder: Path) -> str:
    if folder.exists():
        return "exists already: give this run another --name, or go on with --resume"
    parent = next(parent for parent in folder.absolute().parents if parent.exists())
    return "would be made" if os.access(parent, os.W_OK) else f"cannot be made in {parent}"


def _print_space(config: StudyConfig, console: Console) -> None:
    space = config.space()
    size, proposed = space.size(), proposals(config)
    counted = "infinitely many settings" if size is None else f"{size:,} settings"
    many = "any number of proposals" if proposed is None else f"{proposed} proposals"
    searched = f"{len(space.dimensions)} dimensions, {counted}; {len(config.baselines)} baselines"
    alone = f"nothing is searched; {len(config.baselines)} baselines"
    once = ", and the objective section as it is" if proposed else ""
    _row(console, "space", f"{searched}, {many}" if space.dimensions else f"{alone}{once}")
    for path in idle_dimensions(space):
        console.print(
            f"  {path} is never searched: nothing that is searched meets its condition",
            style="dim",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _print_networks(networks: Mapping[str, float], console: Console) -> None:
    """Every kind of network that the space and the baselines hold, with its parameters."""
    found = sorted(networks.items(), key=lambda one: one[1])
    if not found:
        return
    shown = found if len(found) <= LISTED else [found[0], found[-1]]
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("network", overflow="fold")
    table.add_column("parameters", justify="right")
    for settings, parameters in shown:
        table.add_row(settings, f"{parameters:,.0f}")
    console.print(table)
    if len(found) > LISTED:
        console.print(
            f"  the smallest and the largest of {len(found)} networks among {SAMPLED} settings",
            style="dim",
            highlight=False,
        )


def _networks(config: StudyConfig, progress: Progress) -> dict[str, float]:
    """What is searched of the network, in words -> its number of parameters."""
    objective = config.objective
    space = config.space()
    found: dict[str, float] = {}
    settings = _some_settings(config)
    for index, params in enumerate(settings, start=1):
        built = space.build(params)
        words = " ".join(
            f"{path.removeprefix('network.')}={value}"
            for path, value in params.items()
            if path.startswith("network.")
        )
        if words not in found:
            static_metrics = objective.static_metrics(built)
            if "parameters" not in static_metrics:
                return {}
            progress("counting parameters", index, len(settings))
            found[words or "as in objective.network"] = static_metrics["parameters"]
    return found


def _some_settings(config: StudyConfig) -> list[Mapping[str, Any]]:
    drawn = draw(config.space(), SAMPLED)
    return [*(baseline.set for baseline in config.baselines.values()), *drawn]


def _print_estimate(
    config: StudyConfig, allocation: "Allocation", cost: Cost | None, console: Console
) -> None:
    threads = f"{allocation.threads} thread{'s' if allocation.threads > 1 else ''}"
    workers = f"{allocation.workers}, each with {threads}"
    gpus = f" and {allocation.gpus:g} GPU" if allocation.gpus else ""
    if config.gpus_per_trial == AUTO and 0 < allocation.gpus < 1:
        workers = f"at most {workers}"
        gpus = (
            f"; at most {round(1 / allocation.gpus)} share a GPU: as many as fit and gain by it, "
            "which a measurement before the first trial shows"
        )
    lines = {"workers": workers + gpus, **estimate(config, allocation.workers, cost)}
    for what, text in lines.items():
        _row(console, what, text)
    found = cost.notes if cost is not None else ()
    for note in found[:LISTED]:
        _row(console, "note", note)
    if len(found) > LISTED:
        _row(console, "note", f"and {len(found) - LISTED} more")
