"""Training the best trials again with other seeds: is the winner better, or was it luck?"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuner.cli import Address, Quiet, run_command

if TYPE_CHECKING:
    from tuner.objectives.metric import Metric


def confirm(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A results folder.")],
    top: Annotated[int, typer.Option(min=1, help="How many of the best trials.")] = 3,
    seeds: Annotated[int, typer.Option(min=2, help="How many seeds each, its own included.")] = 5,
    address: Address = None,
    quiet: Quiet = False,
) -> None:
    """Train the best trials of a study with several seeds, to their own end, and compare them.

    Example: python -m tuner.confirm results/step4 --top 2 --seeds 3

    Every seed changes the initial weights and the order of the batches; the split of the images
    stays. Repeats that exist are not trained again. If the study names test data (`data.test`),
    this command scores the repeats on them.
    """
    from tuner.analysis.program import program_here
    from tuner.config import Confirm
    from tuner.lifecycle.confirm import confirm_study, repeat_scores
    from tuner.lifecycle.console import ConsoleReporter
    from tuner.lifecycle.preparation import make_console

    program = program_here()
    given = ["--top", str(top), "--seeds", str(seeds), *(["--address", address] if address else [])]
    again = program.command("tuner.confirm", study, *given)
    console = make_console(quiet=quiet)
    reporter = ConsoleReporter(console, program=program, address=address, resume=again)
    wanted = Confirm(top=top, seeds=seeds)
    result = confirm_study(study, wanted, reporter, address=address)
    _print_scores(repeat_scores(study))
    raise typer.Exit(result.exit_code)


def _print_scores(scores: "Mapping[str, Mapping[Metric, float]]") -> None:
    """Print the scores on the test data, a line for each repeat."""
    from tuner.analysis.values import unit_text

    for trial, found in scores.items():
        numbers = ", ".join(
            f"{metric.name.removeprefix('test/')} {unit_text(metric, value)}"
            for metric, value in found.items()
        )
        typer.echo(f"test  {trial}: {numbers}")


if __name__ == "__main__":
    run_command(confirm)
