"""The commands that go on from a study, to be copied into a terminal."""

import math
import shlex
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import yaml

from sr_models.source import given_by_hand
from tuner.analysis.program import Program
from tuner.analysis.snapshot import Snapshot, model_file
from tuner.records import RUN_STARTS, TrialState
from tuner.records.elapsed import elapsed
from tuner.records.status import ALL_DONE, INTERRUPTED, OUT_OF_TIME, search_end

_PYTHON = "tuner.load_study"
"""What goes on from a study whose code only Python can give: no file holds it."""


@dataclass(frozen=True)
class Commands:
    """The commands that go on from a study.

    Args:
        study: which.
        program: how the commands are called.
        address: of the Ray cluster that the study ran on; None for this machine.
    """

    study: Snapshot
    program: Program = field(default_factory=Program)
    address: str | None = None

    def resume(self) -> str:
        """Goes on with what was interrupted."""
        return self._call("resume({code})") or self._run("--resume")

    def more(self) -> tuple[str, str] | None:
        """What gets more out of a study that is finished, in words and as a command.

        None where nothing would: every setting has been tried, the constraints leave none, or all
        trials failed alike.
        """
        end = search_end(self.study.events)
        if (call := self._call("resume({code}, extend=20)")) is not None:
            return ("Add 20 trials", call) if end == ALL_DONE else None
        if end == OUT_OF_TIME:
            return "Give it more time", self._run("--resume", *self._more_time())
        if end in (ALL_DONE, INTERRUPTED, None):
            return "Add 20 trials", self._run("--extend", "20", *self._more_time())
        return None

    def dashboard(self) -> str:
        """Shows the page of this study, and of those beside it."""
        return self._of("tuner.dashboard", self.study.folder.parent)

    def report(self, *options: str) -> str:
        """Prints the comparison."""
        return self._of("tuner.report", self.study.folder, *options)

    def page(self) -> str:
        """Writes the compare page."""
        return self.report("--format", "html")

    def export(self, output: str = "model.safetensors") -> str:
        """Takes the best model out."""
        return self._allowing(self._of("tuner.export", self.study.folder, "--output", output))

    def confirm(self) -> str:
        """Trains the best again, over several seeds."""
        command = self._of("tuner.confirm", self.study.folder, *self._where())
        return self._call("resume({code}).confirm()") or command

    def use(self, trial: str) -> tuple[str, str] | None:
        """What a trial's model is for, as its objective says: a word for it, and a command."""
        use, model = self.study.info.get("use"), model_file(self.study, trial)
        if not use or model is None:
            return None
        places = {"{model}": self._within(model), "{folder}": str(self.study.folder)}
        module, *words = (_filled(word, places) for word in use["command"])
        return use["name"], self._allowing(self._of(module, *words))

    def _allowing(self, command: str) -> str:
        """The command with the variables before it that its objective says it needs."""
        needed = (self.study.info.get("use") or {}).get("environment", {})
        words = [f"{name}={shlex.quote(value)}" for name, value in needed.items()]
        return " ".join([*words, command])

    def _call(self, method: str) -> str | None:
        """What Python must say in place of a command; None where its code can be imported."""
        file = yaml.safe_load(self.study.info.get("file") or "")
        section = file.get("objective") if isinstance(file, dict) else None
        kind = section.get("type") if isinstance(section, dict) else None
        code = given_by_hand(kind) if isinstance(kind, str) else None
        if code is None:
            return None
        return f"{_PYTHON}({str(self.study.folder)!r}).{method.format(code=code)}"

    def _run(self, *options: str) -> str:
        """`tuner.run` on the study file that is kept with the results, and knows the folder."""
        return self._of("tuner.run", self.study.folder / "study.yaml", *options, *self._where())

    def _where(self) -> list[str]:
        return ["--address", self.address] if self.address else []

    def _more_time(self) -> list[str]:
        """Twice the time budget, where that is used up: no trial is added without time for it."""
        budget = self.study.info.get("budget", {}).get("wall_clock")
        epochs = [epoch for trained in self.study.epochs.values() for epoch in trained]
        if budget is None or elapsed(self.study.events, epochs) < budget:
            return []
        return ["--max-time", f"{math.ceil(2 * budget / 60)}m"]

    def _within(self, file: Path) -> str:
        """A file of the study, by the name that the study's folder was given."""
        return str(self.study.folder / file.relative_to(self.study.folder.resolve()))

    def _of(self, module: str, *arguments: str | Path) -> str:
        return self.program.command(module, *arguments)


def _filled(word: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        word = word.replace(name, value)
    return word


def is_unfinished(study: Snapshot) -> bool:
    """Whether `resume` has something to go on with."""
    if any(trial.state in (TrialState.RUNNING, TrialState.INTERRUPTED) for trial in study.trials):
        return True
    end = search_end(study.events)
    return end == INTERRUPTED or (end is None and any(e.kind in RUN_STARTS for e in study.events))


def wrapped(command: str, width: int) -> str:
    """A command in lines of at most `width` characters that a shell reads as one.

    An option stays with its value, unless the two alone are longer than a line.
    """
    if command.startswith(_PYTHON):
        return command
    first, *words = _with_values([shlex.quote(word) for word in shlex.split(command)], width)
    lines = [first]
    for word in words:
        if len(lines[-1]) + len(word) + 3 <= width:  # a space, and the mark of a broken line
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return " \\\n".join(lines)


def _with_values(words: list[str], width: int) -> list[str]:
    """The words, each option together with what follows it, where that fits in a line."""
    found = words[:1]
    for before, word in pairwise(words):
        pair = f"{found[-1]} {word}"
        option = before.startswith("--") and not word.startswith("-")
        if option and found[-1] == before and len(pair) + 4 <= width:  # indent and mark
            found[-1] = pair
        else:
            found.append(word)
    return found
