"""How this project's commands are called here, so that people can type them in the same way."""

import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = "sr-tuner"


@dataclass(frozen=True)
class Program:
    """The beginning of a command.

    Args:
        words: the words before the name of the command.
        subcommands: whether that name is `report`, as for `sr-tuner`, or `tuner.report`.
    """

    words: tuple[str, ...] = ("python", "-m")
    subcommands: bool = False

    def command(self, module: str, *arguments: str | Path) -> str:
        """Return a command, to be copied into a shell: `tuner.report` of `results/step4`."""
        name = module.rpartition(".")[2] if self.subcommands else module
        return shlex.join([*self.words, name, *map(str, arguments)])


def program_here(argv: Sequence[str] | None = None) -> Program:
    """Return the program as this process was called.

    Args:
        argv: the interpreter's arguments; by default `sys.orig_argv`.
    """
    python, *rest = sys.orig_argv if argv is None else argv
    script = next((word for word in rest if not word.startswith("-")), "")
    if Path(script).stem == SCRIPT:
        return Program((_short(script),), subcommands=True)
    if "-m" in rest and rest[rest.index("-m") + 1 :][:1] == ["tuner"]:
        return Program((_short(python), "-m", "tuner"), subcommands=True)
    return Program((_short(python), "-m"))


def _short(program: str) -> str:
    """The program's name alone, if the shell would find the same program by it."""
    found = shutil.which(Path(program).name)
    same = found is not None and Path(found).absolute() == Path(program).absolute()
    return Path(program).name if same else program
