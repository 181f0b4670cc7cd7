"""A command as an objective: each trial is a process, which is followed while it trains."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from sr_models.atomic import write_atomically
from sr_models.frozen import FrozenConfig
from tuner.objectives.base import BaseObjective
from tuner.objectives.command.config import CommandConfig
from tuner.objectives.command.measured import STEPS, Measured, source_of
from tuner.objectives.command.process import Process
from tuner.objectives.command.template import UnsetError, arguments, fill, names
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.output import OUTPUT
from tuner.objectives.own_files import SCRIPTS
from tuner.objectives.protocol import Cost, Progress
from tuner.objectives.trial import Trial

POLL = 0.05
"""Seconds between two looks at the metrics of the command."""

PYTHON = ("python", "python3")
"""Names of the interpreter that runs the search."""
INTERPRETERS = (*PYTHON, "bash", "sh", "Rscript", "julia", "node", "perl", "torchrun")

GIVEN = ("folder", "checkpoint", "metrics", "params", "pictures", "threads")
"""Placeholders that are not params."""


class CommandObjective(BaseObjective):
    """Starts the command of a trial and yields its metrics.

    Environment variables of the command: `TUNER_PARAMS`, a JSON file with its params;
    `TUNER_METRICS`, the file to append a JSON object to after each epoch; `TUNER_CHECKPOINT`, a
    folder that is kept until the trial has ended; `TUNER_PICTURES`, a folder for the pictures and
    texts of an epoch; `TUNER_FOLDER`, the folder of the trial.
    """

    config_type: ClassVar[type[FrozenConfig]] = CommandConfig
    counts: ClassVar[tuple[str, ...]] = STEPS

    def params(self, config: CommandConfig) -> dict[str, Any]:
        """Return all params except the keys that say how the command is run."""
        return config.params()

    def named(self, config: CommandConfig) -> list[str]:
        """Return the params that the command and its environment refer to."""
        texts = [*config.command, *config.environment.values()]
        return [name for name in names(texts) if name not in GIVEN]

    def prepare(self, config: CommandConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Check that the program and its script exist.

        Raises:
            ObjectiveError: they do not.
        """
        _require_files(config)
        return {}

    def cost(self, config: CommandConfig, threads: int, progress: Progress) -> Cost | None:
        """Check that the script exists (see `prepare`); the cost is unknown."""
        _require_files(config)
        return None

    def train(self, config: CommandConfig, trial: Trial) -> Iterator[Mapping[str, float]]:
        """Run the command from its checkpoint, or from the start."""
        given = _given(trial)
        for file in (given["checkpoint"], given["pictures"]):
            Path(file).mkdir(exist_ok=True)
        source = source_of(config.metrics, trial.folder, Path(given["metrics"]))
        measured = Measured(source, trial.folder)
        if not any(Path(given["checkpoint"]).iterdir()):
            measured.reset()
        yield from (row.metrics for row in measured.known)
        values = {**given, **trial.params}
        _write_files(config, trial, values)
        with _started(config, trial, values) as process:
            for metrics in _followed(process, measured, config):
                _show(trial, Path(given["pictures"]))
                yield metrics

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete the command's checkpoint."""
        shutil.rmtree(folder / "checkpoint", ignore_errors=True)


def _require_files(config: CommandConfig) -> None:
    program, *words = config.command
    found = "{" in program or "PATH" in config.environment or shutil.which(program)
    if not found and program not in PYTHON:
        is_file = Path(program).is_file()
        what = "cannot be run: see chmod +x" if is_file else "there is no such program"
        raise ObjectiveError(f"objective.command.0 = {program}: {what}{_where(program)}")
    script = words[0] if words else ""
    is_script = Path(program).name.startswith(INTERPRETERS) and Path(script).suffix in SCRIPTS
    if is_script and "{" not in script and not Path(script).is_file():
        raise ObjectiveError(
            f"objective.command.1 = {script}: there is no such file{_where(script)}"
        )
    for name, template in config.files.items():
        if not Path(template).is_file():
            raise ObjectiveError(
                f"objective.files.{name} = {template}: there is no such file in {Path.cwd()}, "
                "where commands are run"
            )


def _where(file: str) -> str:
    """The folder in which a file is looked for, if it has no path of its own."""
    looked = os.sep in file or Path(file).suffix in SCRIPTS
    return f" in {Path.cwd()}, where commands are run" if looked else ""


def _followed(
    process: Process, measured: Measured, config: CommandConfig
) -> Iterator[Mapping[str, float]]:
    """Yield the rows of a running command as they come."""
    number = len(measured.known)
    running = True
    while running:
        running = not process.wait(POLL)
        for row in measured.new(ended=not running):
            number += 1
            if number == config.max_epochs and process.wait(config.grace):
                process.check()  # it ended by itself, and has written all that it wanted to
            yield row.metrics
    process.check()
    if number == 0:
        raise ObjectiveError(
            f"{config.command[0]} ended without metrics: {_expected(config)}{process.last_words()}"
        )


def _expected(config: CommandConfig) -> str:
    """What was expected, and where it was looked for."""
    if config.metrics is not None:
        return f"the trial's folder does not hold {config.metrics}"
    return "after each epoch, it should append a JSON object to the file that TUNER_METRICS names"


def _show(trial: Trial, folder: Path) -> None:
    """Take the pictures and texts that the command has left; a half-written file waits."""
    for file in sorted(folder.iterdir()):
        with suppress(OSError, SyntaxError):  # what Pillow raises for an incomplete picture
            if file.suffix == ".txt":
                trial.text(file.stem, file.read_text(encoding="utf-8", errors="replace"))
            else:
                trial.picture(file.stem, file)
            file.unlink()


def _given(trial: Trial) -> dict[str, Any]:
    """The placeholders of a command that are not params; a param of the same name wins."""
    return {
        "folder": str(trial.folder),
        "checkpoint": str(trial.folder / "checkpoint"),
        "metrics": str(trial.folder / "metrics.jsonl"),
        "params": str(trial.folder / "params.json"),
        "pictures": str(trial.folder / "to-show"),
        "threads": trial.threads or os.cpu_count() or 1,
    }


def _write_files(config: CommandConfig, trial: Trial, values: Mapping[str, Any]) -> None:
    """Write the params, and the files that are made from templates."""
    params = json.dumps(trial.params, indent=2)
    write_atomically(Path(_given(trial)["params"]), params.encode(), durable=False)
    for name, template in config.files.items():
        file = trial.folder / name
        try:
            content = fill(Path(template).read_text(encoding="utf-8"), values)
        except (OSError, UnicodeError) as error:
            raise ObjectiveError(f"the template {template} cannot be read: {error}") from error
        except UnsetError as error:
            raise ObjectiveError(
                f"{template} names {{{error.args[0]}}}, which is not a param"
            ) from error
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, content.encode(), durable=False)


def _variables(config: CommandConfig, values: Mapping[str, Any]) -> dict[str, str]:
    """The variables of the study file, without those whose param the trial does not have."""
    found = {}
    for name, text in config.environment.items():
        with suppress(UnsetError):
            found[name] = fill(text, values)
    return found


def _started(config: CommandConfig, trial: Trial, values: Mapping[str, Any]) -> Process:
    command = arguments(config.command, values)
    if command[0] in PYTHON:
        command[0] = sys.executable
    given = _given(trial)
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(given["threads"]),
        "PYTHONUNBUFFERED": "1",
        **{f"TUNER_{name.upper()}": str(value) for name, value in given.items()},
        **_variables(config, values),
    }
    return Process(command, environment, trial.folder / OUTPUT, config.grace)
