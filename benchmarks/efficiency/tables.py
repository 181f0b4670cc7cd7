"""The figures as Markdown, with what they were taken on."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean

from efficiency.figures import Figures
from efficiency.methods import OURS, WORKERS, Run

PACKAGES = ("optuna", "ray", "syne-tune", "scipy", "onnxruntime")


def regrets(name: str, figures: Figures, budgets: Sequence[int]) -> str:
    """Regret and rank by budget, and ours against each other method at the last budget."""
    head = " | ".join(f"{budget} epochs" for budget in budgets)
    lines = [
        f"### {name.capitalize()} tasks ({len(figures.tasks)}, {figures.seeds} seeds each)",
        "",
        f"| mean regret (mean rank) after | {head} | ours is better on | p |",
        f"|---|{'---|' * (len(budgets) + 2)}",
    ]
    for method in sorted(figures.methods, key=lambda one: figures.regret(one, budgets[-1])):
        cells = [
            f"**{method}**" if method == OURS else method,
            *(f"{figures.regret(method, b):.3f} ({figures.rank(method, b):.1f})" for b in budgets),
            _against(figures, method, budgets[-1]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _against(figures: Figures, method: str, budget: int) -> str:
    if method == OURS or OURS not in figures.methods:
        return " | "
    wins, p = figures.against(method, budget)
    return f"{wins} of {len(figures.tasks)} tasks | {p:.1g}"


def costs(runs: Sequence[Run]) -> str:
    """How many settings each method tried, and what its decisions cost."""
    by_method: dict[str, list[Run]] = {}
    for run in runs:
        by_method.setdefault(run.method, []).append(run)
    rows = [
        f"| {method} | {fmean(r.trials for r in own):.0f} | {fmean(r.seconds for r in own):.1f} |"
        for method, own in by_method.items()
    ]
    return "\n".join(["| method | settings tried | seconds a search |", "|---|---|---|", *rows])


def setting(seeds: int, processes: int, seconds: float) -> str:
    """What the figures were taken on."""
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return (
        f"{WORKERS} simulated workers, seeds 0 to {seeds - 1}; Python {platform.python_version()}, "
        f"{versions}; {_processor()}, {os.cpu_count()} cores, {processes} processes; "
        f"{seconds / 60:.0f} minutes in all."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _processor() -> str:
    """The processor's name, where the system tells it."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
