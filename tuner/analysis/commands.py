"""The commands that go on from a study, to be copied into a terminal."""

import math
import shlex
from pathlib import Path

from tuner.analysis.snapshot import Snapshot
from tuner.records import RUN_STARTS, TrialState
from tuner.records.elapsed import elapsed
from tuner.records.status import ALL_DONE, INTERRUPTED, OUT_OF_TIME, search_end

RESULTS = "results"  # where `tuner.run` puts studies unless it is told otherwise


def resume(study: Snapshot) -> str:
    """Goes on with what was interrupted."""
    return f"{_run(study)} --resume"


def is_unfinished(study: Snapshot) -> bool:
    """Whether `resume` has something to go on with."""
    if any(trial.state in (TrialState.RUNNING, TrialState.INTERRUPTED) for trial in study.trials):
        return True
    end = search_end(study.events)
    return end == INTERRUPTED or (end is None and any(e.kind in RUN_STARTS for e in study.events))


def more(study: Snapshot) -> tuple[str, str] | None:
    """What gets more out of a study that is finished, in words and as a command.

    None where nothing would: every setting has been tried, the constraints leave none, or all
    trials failed alike.
    """
    end = search_end(study.events)
    if end == OUT_OF_TIME:
        return "Give it more time", f"{resume(study)}{_more_time(study)}"
    if end in (ALL_DONE, INTERRUPTED, None):
        return "Add 20 trials", f"{_run(study)} --extend 20{_more_time(study)}"
    return None


def _more_time(study: Snapshot) -> str:
    """Twice the time budget, where that is used up: no trial is added without time to run it."""
    budget = study.info.get("budget", {}).get("wall_clock")
    epochs = [epoch for trained in study.epochs.values() for epoch in trained]
    if budget is None or elapsed(study.events, epochs) < budget:
        return ""
    return f" --max-time {math.ceil(2 * budget / 60)}m"


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
