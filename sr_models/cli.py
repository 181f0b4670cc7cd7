"""What all commands share: exit codes, and a clear message instead of a traceback."""

import errno
import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from sr_models.errors import UserError, WorkFailedError
from sr_models.exits import (
    EXIT_FAILED,
    EXIT_WRONG_USE,
    interrupted_code,
    signals_interrupt,
)
from sr_models.plain_text import plain_text

_USED_UP = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EMFILE})
"""The system has run out of disk space or open files. Exit code 1."""
_REFUSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP})
"""The system does not allow access to the file. Exit code 2."""


def run_command(command: Callable[..., Any], arguments: list[str] | None = None) -> NoReturn:
    """Run `command` (a function with typer annotations) as a program and exit with its code.

    A `UserError` becomes its message on standard error and exit code 2 (1 if the work has failed
    through no fault of the user), Ctrl-C exit code 130, SIGTERM 143. A file that cannot be read or
    written is a single message, too: read-only, no permission, too long a name, a full disk.

    Args:
        command: the function.
        arguments: by default those of this process.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    run_app(app, arguments)


def run_app(app: typer.Typer, arguments: list[str] | None = None) -> NoReturn:
    """Run a typer app, including its subcommands, with the same exit codes."""
    for registered in app.registered_commands:
        if registered.callback is not None:
            registered.help = registered.help or _flowing(registered.callback)
            registered.callback = _with_exit_codes(registered.callback)
    app(arguments)
    sys.exit(0)


def _flowing(command: Callable[..., Any]) -> str:
    """A command's help with each paragraph on a single line, to be wrapped by the terminal."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _with_exit_codes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn errors into exit codes inside the command.

    Outside is too late for Ctrl-C: typer turns `KeyboardInterrupt` into its own "Aborted!", with
    exit code 1 in some versions and 130 in others.
    """

    @functools.wraps(command)
    def wrapped(*values: Any, **named: Any) -> Any:
        try:
            with signals_interrupt():
                return command(*values, **named)
        except UserError as error:
            typer.echo(f"error: {plain_text(str(error))}", err=True)
            failed = isinstance(error, WorkFailedError)
            raise typer.Exit(EXIT_FAILED if failed else EXIT_WRONG_USE) from error
        except OSError as error:
            if error.errno not in _USED_UP | _REFUSED:
                raise
            file = "" if error.filename is None else f"{error.filename}: "
            typer.echo(f"error: {plain_text(file)}{error.strerror}", err=True)
            raise typer.Exit(EXIT_FAILED if error.errno in _USED_UP else EXIT_WRONG_USE) from error
        except KeyboardInterrupt as error:
            typer.echo("interrupted", err=True)
            raise typer.Exit(interrupted_code(getattr(error, "signal", None))) from error

    return wrapped
