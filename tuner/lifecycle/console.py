"""A run on a terminal: progress on standard error, the result on standard output."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from sr_models.exits import signals_held
from sr_models.plain_text import plain_text
from tuner.analysis.program import Program, program_here
from tuner.lifecycle.log import StudyLog
from tuner.lifecycle.preparation import PreparationProgress
from tuner.lifecycle.progress import StudyProgress
from tuner.objectives.protocol import Progress

if TYPE_CHECKING:
    from tuner.core.study import Study
    from tuner.records import Records

STARTING = "starting Ray"


class ConsoleReporter:
    """Shows a run to a person at a terminal.

    Args:
        console: where progress is shown.
        program: how the commands are called that continue the study.
        address: of the Ray cluster that the study runs on.
        resume: the call that resumes an interrupted run, if it is not `tuner.run`.
        wording: says a line in words of its own (see `in_python`).
    """

    def __init__(
        self,
        console: Console,
        *,
        program: Program | None = None,
        address: str | None = None,
        resume: str | None = None,
        wording: Callable[[str], str] = str,
    ) -> None:
        self._console = console
        self._program = program or program_here()
        self._address = address
        self._resume = resume
        self._wording = wording

    def say(self, text: str) -> None:
        """Print a line as it is, without control characters of the terminal."""
        text = plain_text(self._wording(text))
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def preparing(self) -> Iterator[Progress]:
        """Show bars for what is done once."""
        with PreparationProgress(self._console).shown() as progress:
            yield progress

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Show a line that disappears when Ray is up, or stays if nothing can be redrawn."""
        if not self._console.is_terminal:
            self.say(STARTING)
            yield
            return
        shown = self._console.status(STARTING)
        with signals_held():  # the thread that redraws must not receive them while Ray starts
            shown.start()
        try:
            yield
        finally:
            shown.stop()

    @contextmanager
    def running(self, study: "Study", seconds: float | None) -> Iterator[None]:
        """Show the live view, or lines if nothing can be redrawn in place."""
        shown = StudyProgress if self._console.is_terminal else StudyLog
        with shown(study, self._console, wall_clock=seconds).shown():
            yield

    def interrupted(self, folder: Path) -> None:
        """Say how to resume."""
        where = ["--address", self._address] if self._address else []
        ours = self._program.command("tuner.run", folder / "study.yaml", "--resume", *where)
        self.say(f"interrupted; nothing is lost (results in {folder})")
        self.say(f"resume   {self._resume or ours}")

    def finished(self, records: "Records") -> None:
        """Print the comparison, the best trial, and what to do next."""
        from tuner.analysis.summary import study_summary

        console = Console()
        console.print(study_summary(records, program=self._program, address=self._address))
