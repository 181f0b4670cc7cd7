"""What all commands share: exit codes, which are those of sr_models, and common options."""

from typing import Annotated

import typer

from sr_models.cli import run_app, run_command
from sr_models.exits import EXIT_FAILED, EXIT_WRONG_USE

__all__ = ["EXIT_FAILED", "EXIT_WRONG_USE", "Address", "Quiet", "run_app", "run_command"]

Address = Annotated[
    str | None,
    typer.Option(
        metavar="ADDR", envvar="RAY_ADDRESS", help="A Ray cluster to run on (host:port, auto)."
    ),
]
"""The option `--address`."""

Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")]
"""The option `--quiet`."""
