"""Does a search leave the region where training diverges? `python benchmarks/failing_region.py`

Half of a space, or a third of a logarithmic one, ends in NaN in its second epoch, as a learning
rate does that is too large. Each sampler proposes 40 settings of the toy objective, for ten seeds,
on a simulated clock. Printed are the trials that failed, in all and among the last twenty, and the
best validation PSNR, as means with their standard errors, and over how many seeds a sampler was at
least as good as random search. A run takes about two minutes.
"""

import math
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from sr_models.cli import run_command

SPACES: dict[str, dict[str, Any]] = {
    "linear, x >= 0.5 fails": {
        "objective": {"type": "analytic", "max_epochs": 3, "nan_at": 2, "fault_above": 0.5},
        "search": {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
    },
    "logarithmic, x >= 0.1 fails": {
        "objective": {"type": "analytic", "max_epochs": 3, "nan_at": 2, "fault_above": 0.1},
        "search": {"x": {"low": 0.001, "high": 1.0, "log": True}, "y": {"low": 0.0, "high": 1.0}},
    },
}
SAMPLERS = ("random", "tpe", "gp", "cmaes", "nsga2")


@dataclass(frozen=True)
class Result:
    """One search: trials, how many failed, how many of the last twenty, and the best value."""

    trials: int
    failed: int
    failed_late: int
    best: float


def search(sections: dict[str, Any], sampler: str, seed: int, trials: int) -> Result:
    """Run one search on a simulated clock."""
    from tuner.config.parse import study_of
    from tuner.executors.simulation import SimulatedClock, simulate
    from tuner.lifecycle.build import build_study
    from tuner.lifecycle.create import create_study
    from tuner.records import TrialState

    config = study_of(
        {
            "study": "failing",
            "metric": "validation/psnr",
            "sampler": {"type": sampler, "seed": seed},
            "scheduler": {"type": "none"},
            "budget": {"trials": trials},
            **sections,
        }
    )
    with tempfile.TemporaryDirectory() as folder, create_study(config, Path(folder), []) as records:
        clock = SimulatedClock()
        study = build_study(config, records, workers=1, clock=clock)
        simulate(study, clock)
        failed = [trial.state is TrialState.FAILED for trial in records.trials()]
        best = study.state.trials.best
    value = -math.inf if best is None else best[1]
    return Result(len(failed), sum(failed), sum(failed[-20:]), value)


def main(
    seeds: Annotated[int, typer.Option(min=2, help="Searches of each kind.")] = 10,
    trials: Annotated[int, typer.Option(min=20, help="Trials of each search.")] = 40,
) -> None:
    """Compare the samplers where a part of the space fails.

    Example: python benchmarks/failing_region.py --seeds 10
    """
    for space, sections in SPACES.items():
        print(f"\n{space}; {trials} trials, {seeds} seeds\n")
        print("| sampler | failed | of the last 20 | best, dB | fewer failures | better best |")
        print("|---|---|---|---|---|---|")
        yardstick: list[Result] = []
        for sampler in SAMPLERS:
            found = [search(sections, sampler, seed, trials) for seed in range(seeds)]
            yardstick = yardstick or found
            print(_row(sampler, found, yardstick), flush=True)


def _row(sampler: str, found: list[Result], yardstick: list[Result]) -> str:
    pairs = list(zip(found, yardstick, strict=True))
    fewer = sum(one.failed <= other.failed for one, other in pairs)
    better = sum(one.best >= other.best for one, other in pairs)
    short = "" if all(one.trials == found[0].trials for one in found) else " (ended early)"
    return (
        f"| {sampler}{short} | {_mean([one.failed for one in found], 1)} | "
        f"{_mean([one.failed_late for one in found], 1)} | "
        f"{_mean([one.best for one in found], 3)} | {fewer} of {len(found)} | "
        f"{better} of {len(found)} |"
    )


def _mean(values: list[float] | list[int], decimals: int) -> str:
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values):.{decimals}f} ± {error:.{decimals}f}"


if __name__ == "__main__":
    run_command(main)
