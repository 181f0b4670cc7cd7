"""A run in a notebook, and the choice of a reporter for Python code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner.lifecycle.in_python import in_python
from tuner.lifecycle.reporter import Reporter, Silent
from tuner.objectives.protocol import Progress
from tuner.records import TrialState

if TYPE_CHECKING:
    from tuner.core.study import Study
    from tuner.lifecycle.scores import Scores
    from tuner.records import Records, TrialRecord


def reporter_here(resume_hint: str, *, quiet: bool) -> Reporter:
    """Return the reporter for a run started from Python: silent, notebook, or terminal."""
    if quiet:
        return Silent()
    if _in_notebook():
        return NotebookReporter(resume_hint)
    from tuner.lifecycle.console import ConsoleReporter
    from tuner.lifecycle.preparation import make_console

    return ConsoleReporter(make_console(quiet=False), resume=resume_hint, wording=in_python)


def _in_notebook() -> bool:
    """Whether an IPython kernel is running, which can show HTML and update it later."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookReporter:
    """Shows a line under the cell that changes as trials end; the study itself shows the table.

    Args:
        resume_hint: how to resume an interrupted run, in words.
    """

    def __init__(self, resume_hint: str) -> None:
        self._resume_hint = resume_hint
        self._line: Any = None

    def say(self, text: str) -> None:
        """Show a line that stays."""
        from IPython.display import HTML, display

        display(HTML(f"<div>{escape(in_python(text))}</div>"))

    @contextmanager
    def preparing(self) -> Iterator[Progress]:
        """Show the progress in the line."""
        yield lambda what, done, total: self._show(f"{what}: {done} of {total}")

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Show in the line that Ray is being started."""
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
        """Do nothing: the cell shows the study."""

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
