"""A run of a study whose records are open: prepare, allocate the machine, search."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sr_models.atomic import write_atomically
from sr_models.errors import WorkFailedError
from sr_models.exits import EXIT_FAILED, interrupted_code
from tuner.config import StudyConfig
from tuner.config.checks import buildable
from tuner.executors.signals import Interruption
from tuner.lifecycle.ahead import ImportAhead
from tuner.lifecycle.allocate import allocate, share_gpus
from tuner.lifecycle.create import check_data
from tuner.lifecycle.environment import add_machine
from tuner.lifecycle.reporter import Reporter, Silent
from tuner.objectives.protocol import NOTES
from tuner.records import EventKind, Records, TrialState
from tuner.records.disk import explained
from tuner.records.elapsed import elapsed
from tuner.records.status import (
    ALL_DONE,
    INTERRUPTED,
    OUT_OF_TIME,
    StudyStatus,
    study_status,
)

if TYPE_CHECKING:
    from tuner.core.job import EnqueuedTrial
    from tuner.core.study import Study
    from tuner.executors.allocation import Allocation
    from tuner.trackers.sync.manager import TrackerSync

PLANNED_ENDS = (ALL_DONE, OUT_OF_TIME)
"""Reasons with which every study is expected to end."""


@dataclass(frozen=True)
class RunResult:
    """The result of a run: why it ended, and how many trials of the study did not fail."""

    folder: Path
    reason: str
    succeeded: int
    signal: int | None = None  # the signal that has interrupted it

    @property
    def interrupted(self) -> bool:
        """Whether it was ended by Ctrl-C or SIGTERM, so that it can be resumed."""
        return self.reason == INTERRUPTED

    @property
    def exit_code(self) -> int:
        """The exit code of a command: 0, 1 if no trial has succeeded, 130, or 143 after SIGTERM."""
        if self.interrupted:
            return interrupted_code(self.signal)
        return 0 if self.succeeded else EXIT_FAILED


@dataclass(frozen=True)
class StudyRunner:
    """Runs the search of a study, or given trials.

    Args:
        config: the study file, resolved.
        records: the study's records, open for writing and locked.
        reporter: shows the run.
        address: of a Ray cluster; None for this machine.
        force: run even if the images have changed.
        enqueued: trials to run; None to search.
    """

    config: StudyConfig
    records: Records
    reporter: Reporter = field(default_factory=Silent)
    address: str | None = None
    force: bool = False
    enqueued: "Sequence[EnqueuedTrial] | None" = None

    def run(self) -> RunResult:
        """Run to the end, write the page, and show the result.

        Raises:
            UserError: the trials cannot be run, because data, trackers or GPUs are missing.
            WorkFailedError: the disk is full, or Ray cannot be started.
        """
        interruption = Interruption()
        try:
            return self._run(interruption)
        except KeyboardInterrupt as error:  # before or after the trials, or the second Ctrl-C
            interruption.signal = interruption.signal or getattr(error, "signal", None)
            if study_status(self.records.events()) is StudyStatus.RUNNING:
                self.records.add_event(time.time(), EventKind.ENDED, reason=INTERRUPTED)
            self.reporter.interrupted(self.records.folder)
            return RunResult(self.records.folder, INTERRUPTED, 0, interruption.signal)

    def _run(self, interruption: Interruption) -> RunResult:
        trackers = self._trackers()
        allocation = allocate(self.config, self.address)
        check_data(self.records, self._prepare(), force=self.force)
        allocation = share_gpus(
            self.config, allocation, self.address, self.records, self.reporter.say
        )
        study = self._build(allocation)
        reason = self._search(study, allocation, trackers, interruption)
        if study.blocked is not None:
            raise WorkFailedError(study.blocked)
        self._show(reason)
        return RunResult(self.records.folder, reason, _succeeded(study), interruption.signal)

    def _trackers(self) -> "TrackerSync":
        from tuner.trackers.sync.manager import TrackerSync

        trackers = TrackerSync(self.records.folder, self.config.trackers)
        trackers.check()
        return trackers

    def _prepare(self) -> dict[str, object]:
        objective = self.config.objective
        folder = self.records.folder
        with explained(folder), self.reporter.preparing() as progress:
            prepared = objective.prepare(buildable(self.config), folder, progress)
        for note in prepared.pop(NOTES, ()):
            self.reporter.say(note)
        # also if the study was started by an earlier version, which stored no descriptions
        return {"metrics_described": [metric.to_info() for metric in objective.metrics], **prepared}

    def _build(self, allocation: "Allocation") -> "Study":
        from tuner.lifecycle.build import build_study

        self.records.set_info("workers", allocation.workers)
        study = build_study(self.config, self.records, workers=allocation.workers)
        study.state.on_warning = self.reporter.say
        if self.enqueued is not None:
            self.records.add_event(time.time(), EventKind.CONFIRMING)
            study.only(self.enqueued)
        return study

    def _search(
        self,
        study: "Study",
        allocation: "Allocation",
        trackers: "TrackerSync",
        interruption: Interruption,
    ) -> str:
        """Run the trials; return why the run ended."""
        from tuner.executors.ray.run import run_on_ray

        left = self._time_left()
        if left is not None:
            self._share_time(study, left)
        with self._synced(trackers):
            failed = study.state.trials.counts[TrialState.FAILED]
            if study.over():
                failed = study.state.trials.counts[TrialState.FAILED] - failed
                self.reporter.say(self._why_over(study, failed))
                return study.close()
            ahead = ImportAhead(study.planned)
            with ExitStack() as shown:
                shown.enter_context(self.reporter.starting())

                def started() -> None:
                    shown.pop_all().close()
                    self.records.add_event(study.state.now(), EventKind.SEARCHING)
                    if left is not None:
                        self._share_time(study, left)
                    shown.enter_context(self.reporter.running(study, left))

                def tick() -> None:
                    self._say(trackers.poll())
                    if _succeeded(study):
                        ahead.begin()

                return run_on_ray(
                    study,
                    allocation,
                    address=self.address,
                    seconds=left,
                    interruption=interruption,
                    met=partial(add_machine, self.records.folder),
                    started=started,
                    tick=tick,
                )

    def _share_time(self, study: "Study", left: float) -> None:
        """Keep half of a time budget for proposals, however long the baselines take."""
        if left <= 0:
            study.stop(OUT_OF_TIME)
        budget = self.config.budget.wall_clock
        assert budget is not None, "time is left of a budget"
        study.propose_first(after=left - budget / 2)

    @contextmanager
    def _synced(self, trackers: "TrackerSync") -> Iterator[None]:
        """Keep the trackers' copies up to date meanwhile."""
        trackers.start()
        try:
            yield
        finally:
            self._say(trackers.finish())

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.reporter.say(line)

    def _time_left(self) -> float | None:
        """Seconds of the time budget that earlier runs have left; None if there is no budget."""
        budget = self.config.budget.wall_clock
        if budget is None or self.enqueued is not None:
            return None
        return budget - elapsed(self.records.events(), self.records.epochs())

    def _why_over(self, study: "Study", failed: int) -> str:
        """Why there is nothing to train; `failed` trials could not even be started."""
        if failed:
            return "nothing was run: no trial could be started"
        if study.stopping == "budget":
            return "nothing was run: the time budget is used up; give it a larger --max-time"
        if self.enqueued is not None:
            return "nothing was run: all repeats have been trained already"
        if study.queue.exhausted:
            return f"nothing was run: {study.queue.exhausted}; widen the search or its constraints"
        return "nothing was run: the study is finished; add trials with --extend N"

    def _show(self, reason: str) -> None:
        if reason == INTERRUPTED:
            self.reporter.interrupted(self.records.folder)
            return
        self._write_page()
        self.reporter.finished(self.records)
        if reason not in PLANNED_ENDS:
            self.reporter.say(f"ended early: {reason}")

    def _write_page(self) -> None:
        """Write report.html; the study is complete without it, so errors are only reported."""
        from tuner.page import build_page

        page = build_page([self.records.folder])
        with suppress(OSError):
            write_atomically(self.records.folder / "report.html", page.encode())


def _succeeded(study: "Study") -> int:
    counts = study.state.trials.counts
    return counts[TrialState.COMPLETE] + counts[TrialState.STOPPED]
