"""Commands as they are printed, run in this process: what takes seconds is starting Python."""

import io
import os
import re
import runpy
import shlex
import sys
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from sr_models.cli import run_command
from tuner.__main__ import COMMANDS

VARIABLE = re.compile(r"[A-Z_]+=")


def call(command: str, *more: str) -> int:
    """Run a line such as `python -m tuner.report results/mine`; returns its exit code."""
    package, name, *arguments = _parsed(command)
    assert COMMANDS[name][0] == package, command
    try:
        run_command(getattr(import_module(f"{package}.{name}"), name), [*arguments, *more])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _parsed(command: str) -> list[str]:
    """Package, name and arguments, also of `sr-tuner report results/mine`."""
    program, first, *rest = shlex.split(command.replace("\\\n", ""), comments=True)
    if program == "sr-tuner":
        return [COMMANDS[first][0], first, *rest]
    assert first == "-m", command
    package, _, name = rest[0].partition(".")
    return [package, name, *rest[1:]]


@dataclass(frozen=True)
class Done:
    """What a command that has ended said and returned."""

    code: int
    stdout: str
    stderr: str


def run_here(line: str | list[str], folder: Path) -> Done:
    """Run `[NAME=VALUE]... python SCRIPT|-m MODULE ARGUMENT...` in a folder.

    What it imports from there is forgotten afterwards: another folder may have other files of the
    same names.
    """
    words = shlex.split(line, comments=True) if isinstance(line, str) else list(line)
    variables = dict(word.split("=", 1) for word in words if VARIABLE.match(word))
    python, *words = words[len(variables) :]
    assert python == "python"
    module = words.pop(0) == "-m" if words[0] == "-m" else False
    said, complained = _stream(), _stream()
    known = set(sys.modules)
    with (
        chdir(folder),
        patch.dict(os.environ, variables),
        patch.object(sys, "argv", words),
        patch.object(sys, "path", [str(folder), *sys.path]),
        redirect_stdout(said),
        redirect_stderr(complained),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")
        try:
            if module:
                runpy.run_module(words[0], run_name="__main__", alter_sys=True)
            else:
                runpy.run_path(words[0], run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    return Done(code, _text(said), _text(complained))


def _stream() -> io.TextIOWrapper:
    """What commands take for a terminal's stream: it has a buffer for bytes."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
