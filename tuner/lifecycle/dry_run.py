"""What a study would do, and what it would take: `run --dry-run`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from tuner.config import StudyConfig, dump_study
from tuner.config.checks.activation import idle_dimensions
from tuner.lifecycle.progress import PreparationProgress, make_console, span
from tuner.objectives.protocol import Cost
from tuner.space.draw import draw

if TYPE_CHECKING:
    from tuner.executors.allocation import Allocation

SAMPLED = 200
"""Settings that are drawn to see which networks a space holds."""
LISTED = 12
"""Networks that are listed one by one; of more, the smallest and the largest."""


def print_dry_run(config: StudyConfig, folder: Path) -> None:
    """Print the resolved study, its space, its networks and an estimate; write nothing.

    Raises:
        UserError: the data that the trials need cannot be had, or a study to learn from.
    """
    from tuner.executors.allocation import planned_trials, share, this_machine
    from tuner.lifecycle.warm_start import check_warm_start

    told = check_warm_start(config)
    console = Console()
    console.print(dump_study(config).rstrip(), highlight=False, markup=False, soft_wrap=True)
    console.rule(style="dim")
    _print_space(config, console)
    _print_networks(config, console)
    got = share(
        this_machine(gpus_per_trial=config.gpus_per_trial),
        workers=config.workers,
        threads=config.threads,
        gpus_per_trial=config.gpus_per_trial,
        trials=planned_trials(config),
    )
    _print_estimate(config, got, console)
    for line in told:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    line = f"results      {folder} ({_state(folder)})"
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _state(folder: Path) -> str:
    if folder.exists():
        return "exists already"
    parent = next(parent for parent in folder.absolute().parents if parent.exists())
    return "would be made" if os.access(parent, os.W_OK) else f"cannot be made in {parent}"


def _print_space(config: StudyConfig, console: Console) -> None:
    space = config.space()
    size = space.size()
    counted = "infinitely many settings" if size is None else f"{size:,} settings"
    console.print(
        f"space        {len(space.dimensions)} dimensions, {counted}; "
        f"{len(config.baselines)} baselines, {config.budget.trials or 'any number of'} proposals",
        highlight=False,
        markup=False,
    )
    for path in idle_dimensions(space):
        console.print(
            f"  {path} is never searched: nothing that is searched meets its condition",
            style="dim",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _print_networks(config: StudyConfig, console: Console) -> None:
    """Every kind of network that the space and the baselines hold, with its parameters."""
    found = sorted(_networks(config).items(), key=lambda one: one[1])
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


def _networks(config: StudyConfig) -> dict[str, float]:
    """What is searched of the network, in words -> its number of parameters."""
    objective = config.objective
    space = config.space()
    found: dict[str, float] = {}
    for params in _some_settings(config):
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
            found[words or "as in objective.network"] = static_metrics["parameters"]
    return found


def _some_settings(config: StudyConfig) -> list[Mapping[str, Any]]:
    drawn = draw(config.space(), SAMPLED)
    return [*(baseline.set for baseline in config.baselines.values()), *drawn]


@dataclass(frozen=True)
class _Plan:
    """All epochs that a study could train, and its trials."""

    epochs: int
    trials: int


def _print_estimate(config: StudyConfig, share: "Allocation", console: Console) -> None:
    objective = config.objective
    with PreparationProgress(make_console(quiet=False)).shown() as progress:
        cost = objective.cost(config.objective_config, share.threads, progress)
    workers = f"{share.workers}, each with {share.threads} threads"
    gpus = f" and {share.gpus:g} GPU" if share.gpus else ""
    lines = {"workers": workers + gpus, **_estimate(config, share.workers, cost)}
    for what, text in lines.items():
        console.print(f"{what:<12} {text}", highlight=False, markup=False, soft_wrap=True)


def _estimate(config: StudyConfig, workers: int, cost: Cost | None) -> dict[str, str]:
    """Time, memory and disk, in words."""
    plan = _plan(config)
    if cost is None or plan is None:
        return {"time": "unknown: the objective does not say what an epoch takes, or how many"}
    seconds = plan.epochs * cost.seconds_per_epoch / workers
    budget = config.budget.wall_clock
    limit = f", cut off at the budget of {span(budget)}" if budget and budget < seconds else ""
    return {
        "time": f"{cost.seconds_per_epoch:.2g} s an epoch of the base setting, measured on this "
        f"machine: {_at_most(seconds)} for {plan.epochs} epochs{limit}"
        + ("" if config.scheduler.type == "none" else "; less what the scheduler stops"),
        "memory": f"about {_size(cost.memory_bytes * workers)} in all workers",
        "disk": f"at most {_size(_disk(cost, plan))} in the results folder",
    }


def _plan(config: StudyConfig) -> _Plan | None:
    """None where only the objective's own code knows how long a trial is."""
    objective, space = config.objective, config.space()
    proposed = config.budget.trials or 0
    each = objective.max_epochs(config.objective_config)
    found = [
        objective.max_epochs(space.build(baseline.set)) for baseline in config.baselines.values()
    ]
    baselines = [epochs for epochs in found if epochs is not None]
    if each is None or len(baselines) < len(found):
        return None
    return _Plan(proposed * each + sum(baselines), proposed + len(baselines))


def _at_most(seconds: float) -> str:
    return "under 1 s" if seconds < 1 else f"at most {span(seconds)}"


def _disk(cost: Cost, plan: _Plan) -> int:
    return plan.trials * cost.trial_bytes + plan.epochs * cost.epoch_bytes


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
