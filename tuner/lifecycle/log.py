"""A running study line by line, where nothing can be redrawn in place: in a log file."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from sr_models.plain_text import one_line
from tuner.analysis.values import epochs_text
from tuner.core.job import Outcome
from tuner.lifecycle.progress import span
from tuner.lifecycle.scores import Scores
from tuner.objectives.described import described
from tuner.records import TrialRecord, TrialState
from tuner.records.status import OUT_OF_TIME

if TYPE_CHECKING:
    from tuner.core.state import Running
    from tuner.core.study import Study

PAUSE = 30.0
"""Seconds without a line after which the next epoch of any trial is printed."""


class StudyLog:
    """Prints a line for each trial that ends or continues, and an epoch now and then in between.

    Args:
        study: the running study.
        console: where the lines are printed.
        wall_clock: seconds of the time budget that are left; None if there is no budget.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        study: "Study",
        console: Console,
        *,
        wall_clock: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state = study.state
        self._study = study
        self._console = console
        self._wall_clock = wall_clock
        self._clock = clock
        self._scores = Scores(described(study.state.records.info), study.state.goals.first)
        self._last: float | None = None
        """When the last line about a trial was printed."""
        self._retried: set[int] = set()
        self._state.on_start = self._started
        self._state.on_epoch = self._trained
        self._state.on_end = self._ended
        self._state.on_retry = self._print_retry

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Print what begins, and lines while it runs."""
        total, workers = self._study.planned, self._study.workers
        left = None if total is None else total - self._study.done
        trials = "trials" if left is None else _counted(left, "trial")
        at_once = f", {workers} at a time" if left is None or left > workers else ""
        until = f", {span(self._wall_clock)} at most" if self._wall_clock is not None else ""
        self._print(f"running {trials}{at_once}{until}")
        yield

    def _started(self, trial: TrialRecord) -> None:
        """Print that a trial continues; why it is retried has already been printed."""
        epochs = self._state.trials.epochs(trial.number)
        if trial.number in self._retried:
            self._retried.remove(trial.number)
        elif epochs:
            after = epochs_text(epochs, self._longest(trial))
            self._print_of_trial(f"{trial.name} continues after {_epochs(after)}")

    def _trained(self, running: "Running") -> None:
        """Print the progress of a trial, unless there was a line a moment ago."""
        if self._last is not None and self._clock() - self._last < PAUSE:
            return
        value = running.metrics.get(self._state.goals.first)
        score = "" if value is None else f": {self._scores.text(value, running.metrics)}"
        epoch = epochs_text(running.epoch, running.max_epochs)
        self._print_of_trial(f"{running.record.name} has trained {_epochs(epoch)}{score}")

    def _ended(self, trial: TrialRecord) -> None:
        total = self._study.planned
        done = self._study.done
        count = f"[{done}/{total}]" if total is not None else f"[{done}]"
        why = ", as the time is up," if trial.reason == OUT_OF_TIME else ""
        words = [count, trial.name, f"{trial.state}{why}"]
        best, own = self._state.trials.best, self._state.trials.best_of(trial.number)
        if trial.state is TrialState.FAILED:
            words.append(trial.error or "")
        elif own is not None:
            epochs = epochs_text(self._state.trials.epochs(trial.number), self._short_of(trial))
            score = self._scores.text(own.value, own.metrics)
            words.append(f"after {_epochs(epochs)}: {score}")
        else:
            words.append("before its first epoch had ended")
        if best is not None:
            words.append(f"(best: {self._scores.short_text(best)})")
        self._print_of_trial(" ".join(words))

    def _print_retry(self, trial: TrialRecord, outcome: Outcome) -> None:
        self._retried.add(trial.number)
        most = (
            self._state.config.retries
        )  # for each run, while the trial counts the retries of all runs
        count = f" ({trial.retries} of {most})" if trial.retries <= most else ""
        self._print_of_trial(f"{trial.name} is retried{count}: {outcome.error}")

    def _short_of(self, trial: TrialRecord) -> int | None:
        """The full length of a trial that was ended early by something else; else None."""
        return self._longest(trial) if trial.state is TrialState.STOPPED else None

    def _longest(self, trial: TrialRecord) -> int | None:
        """The epochs of a trial that nothing stops; None if only its own code knows."""
        config = self._state.settings.space.build(trial.params)  # records in memory have no config
        return self._state.objective.max_epochs(config)

    def _print_of_trial(self, line: str) -> None:
        self._last = self._clock()
        self._print(line)

    def _print(self, line: str) -> None:
        self._console.print(one_line(line), highlight=False, markup=False, soft_wrap=True)


def _epochs(text: str) -> str:
    return _counted(text, "epoch")


def _counted(number: int | str, what: str) -> str:
    return f"{number} {what}" if str(number) == "1" else f"{number} {what}s"
