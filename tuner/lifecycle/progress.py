"""The live view of a running study on a terminal, which is redrawn in place."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sr_models.plain_text import one_line
from tuner.core.job import MACHINE_FAULTS, NODE_DIED, Outcome
from tuner.lifecycle.running_settings import RunningSettings
from tuner.lifecycle.scores import Scores
from tuner.objectives.described import described
from tuner.records import TrialRecord, TrialState

if TYPE_CHECKING:
    from tuner.core.state import Running
    from tuner.core.study import Study


def span(seconds: float) -> str:
    """Return a duration for people: 45 s, 12 min, 3 h 05 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


class StudyProgress:
    """Shows a running study on a terminal; for other outputs see `tuner.lifecycle.log`.

    Args:
        study: the running study.
        console: the terminal.
        wall_clock: seconds of the time budget that are left; None if there is no budget.
    """

    def __init__(self, study: "Study", console: Console, *, wall_clock: float | None) -> None:
        self._study = study
        self._console = console
        self._wall_clock = wall_clock
        self._scores = Scores(described(study.state.records.info), study.state.goals.first)
        self._settings = RunningSettings(study.state)
        self._began = time.monotonic()
        self._done_before = study.done
        self._failures: list[str] = []
        self._retries: list[Outcome] = []
        self._last_retry = ""
        study.state.on_end = self._ended
        study.state.on_retry = self._retried

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the study while it runs."""
        with Live(
            get_renderable=self._render, console=self._console, refresh_per_second=4, transient=True
        ):
            yield

    def _ended(self, trial: TrialRecord) -> None:
        if trial.state is TrialState.FAILED:
            self._failures.append(f"{trial.name}: {one_line(trial.error or '')}")

    def _retried(self, trial: TrialRecord, outcome: Outcome) -> None:
        self._retries.append(outcome)
        self._last_retry = f"{trial.name}: {one_line(outcome.error or '')}"

    def _render(self) -> RenderableType:
        lines: list[RenderableType] = [self._overall(), self._running()]
        best = self._study.state.trials.best
        if best is not None:
            lines.append(_line_of("best so far", self._scores.best_text(best)))
        if self._retries:
            lines.append(_line_of("retried", self._retries_text(), "yellow"))
        if self._failures:
            text = f"{len(self._failures)}, last {self._failures[-1]}"
            lines.append(_line_of("failed", text, "red"))
        return Group(*lines)

    def _retries_text(self) -> str:
        """How often trials were retried, and how often no trial was to blame."""
        lost = Counter(
            "machine" if retry.kind == NODE_DIED else "worker"
            for retry in self._retries
            if retry.kind in MACHINE_FAULTS
        )
        found = [f"{count} {what}{'s' if count > 1 else ''} lost" for what, count in lost.items()]
        counted = f" ({', '.join(found)})" if found else ""
        return f"{len(self._retries)}{counted}, last {self._last_retry}"

    def _overall(self) -> RenderableType:
        spent = time.monotonic() - self._began
        total, done = self._study.planned, self._study.done
        row = Table.grid(padding=(0, 2))
        counted = f"{done} of {total} trials" if total is not None else f"{done} trials"
        left = self._left(spent, done, total)
        share = done / total if total else spent / (self._wall_clock or float("inf"))
        bar = ProgressBar(total=1.0, completed=min(1.0, share), width=14)
        row.add_row(
            Text(self._study.state.config.study, "bold"), bar, counted, f"{span(spent)} gone", left
        )
        return row

    def _left(self, spent: float, done: int, total: int | None) -> str:
        """How long it will take, from the pace so far; empty while that cannot be estimated."""
        guesses = []
        if self._wall_clock is not None:
            guesses.append(max(0.0, self._wall_clock - spent))
        if total is not None and done > self._done_before:
            under_way = sum(map(_share_of, list(self._study.state.running.values())))
            new = done - self._done_before + under_way
            guesses.append(spent / new * max(0.0, total - done - under_way))
        return f"about {span(min(guesses))} left" if guesses else ""

    def _running(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        rows = [self._cells(running) for running in list(self._study.state.running.values())]
        gain = filter(None, [self._scores.gain_heading])
        for index, heading in enumerate(["running", "epoch", self._scores.heading, *gain]):
            widest = max(map(len, [heading, *(row[index] for row in rows)]))
            table.add_column(heading, no_wrap=True, min_width=widest, header_style="dim")
        heading = self._settings.heading
        table.add_column(heading, no_wrap=True, ratio=1, overflow="ellipsis", header_style="dim")
        for row in rows:
            table.add_row(*row)
        return table

    def _cells(self, running: "Running") -> list[str]:
        return [
            running.record.name,
            f"{running.epoch}/{running.max_epochs}" if running.max_epochs else f"{running.epoch}",
            self._scores.value(running.metrics),
            *([self._scores.gain(running.metrics)] if self._scores.gain_heading else []),
            self._settings.text(running.record),
        ]


def _share_of(running: "Running") -> float:
    """The fraction of its epochs that a running trial has trained."""
    return running.epoch / running.max_epochs if running.max_epochs else 0.0


def _line_of(heading: str, text: str, style: str = "") -> Text:
    """A single line, whatever its text holds."""
    return Text(f"{heading}  {one_line(text)}", style, no_wrap=True, overflow="ellipsis")
