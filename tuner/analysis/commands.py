"""The commands that go on from a study, to be copied into a terminal."""

import shlex
from pathlib import Path

from tuner.analysis.snapshot import Snapshot

RESULTS = "results"  # where `tuner.run` puts studies unless it is told otherwise


def resume(study: Snapshot) -> str:
    """Goes on with what was interrupted."""
    return f"{_run(study)} --resume"


def extend(study: Snapshot, trials: int = 20) -> str:
    """Adds trials to a finished study."""
    return f"{_run(study)} --extend {trials}"


def report(study: Snapshot, *options: str) -> str:
    """Prints the comparison."""
    return _command("report", study.folder, *options)


def page(study: Snapshot) -> str:
    """Writes the compare page."""
    return _command("report", study.folder, "--format", "html")


def export(study: Snapshot, output: str = "model.safetensors") -> str:
    """Takes the best model out."""
    return _command("export", study.folder, "--output", output)


def confirm(study: Snapshot) -> str:
    """Trains the best again, over several seeds."""
    return _command("confirm", study.folder)


def wrapped(command: str, width: int) -> str:
    """A command in lines of at most `width` characters that a shell reads as one."""
    first, *words = (shlex.quote(word) for word in shlex.split(command))
    lines = [first]
    for word in words:
        if len(lines[-1]) + len(word) + 3 <= width:  # a space, and the mark of a broken line
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return " \\\n".join(lines)


def _run(study: Snapshot) -> str:
    """`tuner.run` on the study file that is kept with the results."""
    folder = study.folder
    parent = folder.parent
    options: list[str | Path] = []
    if parent != Path(RESULTS):
        options += ["--results", parent]
    if folder.name != study.name:
        options += ["--name", folder.name]
    return _command("run", folder / "study.yaml", *options)


def _command(module: str, *arguments: str | Path) -> str:
    return shlex.join(["python", "-m", f"tuner.{module}", *map(str, arguments)])
