"""Commands as they are printed, run in this process: what takes seconds is starting Python."""

import shlex
from importlib import import_module

from sr_models.cli import run_command
from tuner.__main__ import COMMANDS


def call(command: str, *more: str) -> int:
    """Run a line such as `python -m tuner.report results/mine`; returns its exit code."""
    package, name, *arguments = _parsed(command)
    assert COMMANDS[name][0] == package, command
    try:
        run_command(getattr(import_module(f"{package}.{name}"), name), [*arguments, *more])
    except SystemExit as end:
        return int(end.code or 0)


def _parsed(command: str) -> list[str]:
    """Package, name and arguments, also of `sr-tuner report results/mine`."""
    program, first, *rest = shlex.split(command.replace("\\\n", ""), comments=True)
    if program == "sr-tuner":
        return [COMMANDS[first][0], first, *rest]
    assert first == "-m", command
    package, _, name = rest[0].partition(".")
    return [package, name, *rest[1:]]
