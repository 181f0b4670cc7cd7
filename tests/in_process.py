"""Commands as they are printed, run in this process: what takes seconds is starting Python."""

import shlex
from importlib import import_module

from sr_models.cli import run_command
from tuner.__main__ import COMMANDS


def call(command: str, *more: str) -> int:
    """Run a line such as `python -m tuner.report results/mine`; returns its exit code."""
    _, m, module, *arguments = shlex.split(command.replace("\\\n", ""), comments=True)
    assert m == "-m", command
    package, _, name = module.partition(".")
    assert COMMANDS[name][0] == package, command
    try:
        run_command(getattr(import_module(module), name), [*arguments, *more])
    except SystemExit as end:
        return int(end.code or 0)
