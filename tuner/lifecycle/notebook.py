"""How a run is shown in a notebook, and the choice of a reporter for Python code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner.lifecycle.reporter import Reporter, Silent
from tuner.objectives.protocol import Progress
from tuner.records import TrialState

if TYPE_CHECKING:
    from tuner.core.study import Study
    from tuner.lifecycle.scores import Scores
    from tuner.records import Records, TrialRecord


def reporter_here(resume_hint: str, *, quiet: bool) -> Reporter:
    """The reporter for a run started from Python: silent, for a notebook, or for a terminal."""
    if quiet:
        return Silent()
    if _in_notebook():
        return NotebookReporter(resume_hint)
    from tuner.lifecycle.console import ConsoleReporter
    from tuner.lifecycle.preparation import make_console

    return ConsoleReporter(make_console(quiet=False), resume=resume_hint)


def _in_notebook() -> bool:
    """Whether an IPython kernel runs this, which can show HTML and change it later."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookReporter:
    """A line under the cell that changes as trials end; the study itself shows the table.

    Args:
        resume_hint: how an interrupted run is resumed, in words.
    """

    def __init__(self, resume_hint: str) -> None:
        self._resume_hint = resume_hint
        self._line: Any = None

    def say(self, text: str) -> None:
        """Show a line that stays."""
        from IPython.display import HTML, display

        display(HTML(f"<div>{escape(text)}</div>"))

    @contextmanager
    def preparing(self) -> Iterator[Progress]:
        """Show how far it is."""
        yield lambda what, done, total: self._show(f"{what}: {done} of {total}")

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Show it in the line."""
        self._show("starting Ray")
        yield

    @contextmanager
    def running(self, study: "Study", seconds: float | None) -> Iterator[None]:
        """Show how many trials have ended, and the best."""
        from tuner.lifecycle.scores import Scores
        from tuner.objectives.described import described

        before = study.state.on_end
        scores = Scores(described(study.state.records.info), study.state.goals.first)

        def ended(trial: "TrialRecord") -> None:
            before(trial)
            self._show(_progress(study, scores))

        study.state.on_end = ended
        self._show(_progress(study, scores))
        yield

    def interrupted(self, folder: Path) -> None:
        """Say how to resume."""
        self.say(f"interrupted; resume it with {self._resume_hint}")

    def finished(self, records: "Records") -> None:
        """Nothing: the cell shows the study."""

    def _show(self, text: str) -> None:
        """Change the line."""
        from IPython.display import HTML, display

        html = HTML(f"<div>{escape(text)}</div>")
        if self._line is None:
            self._line = display(html, display_id=True)
        else:
            self._line.update(html)


def _progress(study: "Study", scores: "Scores") -> str:
    total = "" if study.planned is None else f" of {study.planned}"
    trials = study.state.trials
    failed = trials.counts[TrialState.FAILED]
    words = [
        f"{study.state.config.study}: {study.done}{total} trials",
        *([f"{failed} failed"] if failed else []),
        *([] if trials.best is None else [f"best {scores.best_text(trials.best)}"]),
    ]
    return "; ".join(words)
