"""What all commands share: exit codes, and one clear message instead of a traceback."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from sr_models.errors import UserError

EXIT_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


def run_command(command: Callable[..., Any], arguments: list[str] | None = None) -> NoReturn:
    """Run `command` (a function with typer annotations) as a program and exit with its code.

    A `UserError` becomes its message on standard error and exit code 2, Ctrl-C exit code 130.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    run_app(app, arguments)


def run_app(app: typer.Typer, arguments: list[str] | None = None) -> NoReturn:
    """Run a typer app under the contract of exit codes."""
    try:
        app(arguments, standalone_mode=True)
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_WRONG_USE)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(0)
