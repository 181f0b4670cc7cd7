"""The commands that continue a study, to be copied into a terminal."""

import math
import shlex
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import yaml

from sr_models.errors import NonFiniteError
from sr_models.source import given_by_hand
from tuner.analysis.program import Program
from tuner.analysis.snapshot import Snapshot, model_file
from tuner.records import RUN_STARTS, TrialState
from tuner.records.elapsed import elapsed
from tuner.records.status import ALL_DONE, INTERRUPTED, OUT_OF_TIME, search_end

_PYTHON = "tuner.load_study"
"""The call that continues a study whose code is in no file, so that only Python can provide it."""


@dataclass(frozen=True)
class Commands:
    """The commands that continue a study.

    Args:
        study: the study.
        program: how the commands are called.
        address: of the Ray cluster that the study ran on; None for this machine.
    """

    study: Snapshot
    program: Program = field(default_factory=Program)
    address: str | None = None

    def resume(self) -> str:
        """Return the command that continues what was interrupted."""
        return self._call("resume({code})") or self._run("--resume")

    def more(self) -> tuple[str, str] | None:
        """Return what gets more out of a finished study, in words and as a command.

        None if nothing would: every setting has been tried, the constraints leave none, or all
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

    def retry(self) -> str | None:
        """Return the command that runs failed trials again; None if there are none.

        Nor if some have succeeded and all others diverged, as they would again.
        """
        states = {trial.state for trial in self.study.trials}
        failed = [trial for trial in self.study.trials if trial.state is TrialState.FAILED]
        diverged = all(trial.reason == NonFiniteError.__name__ for trial in failed)
        if not failed or (diverged and states & {TrialState.COMPLETE, TrialState.STOPPED}):
            return None
        return self._call("resume({code}, retry_failed=True)") or self._run("--retry-failed")

    def dashboard(self) -> str:
        """Return the command that shows the page of this study and its neighbours."""
        return self._of("tuner.dashboard", self.study.folder.parent)

    def report(self, *options: str) -> str:
        """Return the command that prints the comparison."""
        return self._of("tuner.report", self.study.folder, *options)

    def page(self) -> str:
        """Return the command that writes the compare page."""
        return self.report("--format", "html")

    def export(self, output: str = "model.safetensors") -> str:
        """Return the command that exports the best model."""
        return self._allowing(self._of("tuner.export", self.study.folder, "--output", output))

    def confirm(self) -> str:
        """Return the command that trains the best trials again with several seeds."""
        command = self._of("tuner.confirm", self.study.folder, *self._where())
        return self._call("resume({code}).confirm()") or command

    def use(self, trial: str) -> tuple[str, str] | None:
        """Return how to use a trial's model, as its objective says: in words, and as a command."""
        use, model = self.study.info.get("use"), model_file(self.study, trial)
        if not use or model is None:
            return None
        places = {"{model}": self._within(model), "{folder}": str(self.study.folder)}
        module, *words = (_filled(word, places) for word in use["command"])
        return use["name"], self._allowing(self._of(module, *words))

    def _allowing(self, command: str) -> str:
        """The command, preceded by the environment variables that its objective needs."""
        needed = (self.study.info.get("use") or {}).get("environment", {})
        words = [f"{name}={shlex.quote(value)}" for name, value in needed.items()]
        return " ".join([*words, command])

    def _call(self, method: str) -> str | None:
        """The Python call in place of a command; None if the study's code can be imported."""
        file = yaml.safe_load(self.study.info.get("file") or "")
        section = file.get("objective") if isinstance(file, dict) else None
        kind = section.get("type") if isinstance(section, dict) else None
        code = given_by_hand(kind) if isinstance(kind, str) else None
        if code is None:
            return None
        return f"{_PYTHON}({str(self.study.folder)!r}).{method.format(code=code)}"

    def _run(self, *options: str) -> str:
        """`tuner.run` on the study file in the results folder, which knows its folder."""
        return self._of("tuner.run", self.study.folder / "study.yaml", *options, *self._where())

    def _where(self) -> list[str]:
        return ["--address", self.address] if self.address else []

    def _more_time(self) -> list[str]:
        """Twice the time budget, if that is used up, because a new trial needs time too."""
        budget = self.study.info.get("budget", {}).get("wall_clock")
        epochs = [epoch for trained in self.study.epochs.values() for epoch in trained]
        if budget is None or elapsed(self.study.events, epochs) < budget:
            return []
        return ["--max-time", f"{math.ceil(2 * budget / 60)}m"]

    def _within(self, file: Path) -> str:
        """A file of the study, under the name that the study's folder was given."""
        return str(self.study.folder / file.relative_to(self.study.folder.resolve()))

    def _of(self, module: str, *arguments: str | Path) -> str:
        return self.program.command(module, *arguments)


def _filled(word: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        word = word.replace(name, value)
    return word


def is_unfinished(study: Snapshot) -> bool:
    """Return whether `resume` has something to continue."""
    if any(trial.state in (TrialState.RUNNING, TrialState.INTERRUPTED) for trial in study.trials):
        return True
    end = search_end(study.events)
    return end == INTERRUPTED or (end is None and any(e.kind in RUN_STARTS for e in study.events))


def wrapped(command: str, width: int) -> str:
    """Return a command in lines of at most `width` characters that a shell reads as one command.

    An option stays on the same line as its value, unless the two are longer than a line.
    """
    if command.startswith(_PYTHON):
        return command
    first, *words = _with_values([shlex.quote(word) for word in shlex.split(command)], width)
    lines = [first]
    for word in words:
        if (
            len(lines[-1]) + len(word) + 3 <= width
        ):  # a space, and the backslash at the end of a line
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return " \\\n".join(lines)


def _with_values(words: list[str], width: int) -> list[str]:
    """The words, with each option joined to its value if both fit into a line."""
    found = words[:1]
    for before, word in pairwise(words):
        pair = f"{found[-1]} {word}"
        option = before.startswith("--") and not word.startswith("-")
        if option and found[-1] == before and len(pair) + 4 <= width:  # indent and backslash
            found[-1] = pair
        else:
            found.append(word)
    return found
