"""Commands run in this process: importing torch anew takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sr_models.cli import run_command


@dataclass(frozen=True)
class Result:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


def runner(command: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `command` with the arguments of a command line."""

    def run(*arguments: object) -> Result:
        with pytest.raises(SystemExit) as raised:
            run_command(command, [*map(str, arguments)])
        return Result(int(raised.value.code or 0), *capsys.readouterr())

    return run
