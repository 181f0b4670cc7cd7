"""One run of a study from its folder to its result: what `run` and `confirm` have in common."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sr_models.atomic import write_atomically
from sr_models.errors import WorkFailedError
from tuner.cli import EXIT_FAILED, EXIT_INTERRUPTED
from tuner.config import StudyConfig
from tuner.records import EventKind, Records, TrialKind, TrialState
from tuner.records.disk import explained
from tuner.records.elapsed import elapsed
from tuner.records.status import INTERRUPTED

if TYPE_CHECKING:
    from rich.console import Console

    from tuner.core.study import EnqueuedTrial, Study
    from tuner.executors.allocation import Allocation
    from tuner.trackers.sync.manager import TrackerSync


@dataclass(frozen=True)
class StudyRunner:
    """What one run is given.

    Args:
        config: the study file, resolved.
        records: the study's records, open for writing and locked for others.
        console: where progress goes.
        address: of a Ray cluster, or None.
        force: go on even if the images have changed.
        fixed: trials to run; None to search on.
        again: how a run that was interrupted is gone on with.
    """

    config: StudyConfig
    records: Records
    console: "Console"
    address: str | None = None
    force: bool = False
    fixed: Sequence["EnqueuedTrial"] | None = field(default=None)
    again: str = "the same command and --resume"

    def run(self) -> int:
        """Prepare, run, and show the result; returns the exit code."""
        from tuner.lifecycle.build import build_study
        from tuner.lifecycle.create import check_data
        from tuner.trackers.sync.manager import TrackerSync

        feeds = TrackerSync(self.records.folder, self.config.trackers)
        feeds.check()
        check_data(self.records, self._prepare(), force=self.force)
        share = self._share()
        self.records.set_info("workers", share.workers)
        study = build_study(self.config, self.records, workers=share.workers)
        study.on_warning = lambda text: self._say([text])
        if self.fixed is not None:
            self.records.add_event(time.time(), EventKind.CONFIRMING)
            study.only(self.fixed)
        reason = self._search(study, share, feeds)
        return self._conclude(study, reason)

    def _prepare(self) -> dict[str, object]:
        from tuner.lifecycle.progress import PreparationProgress
        from tuner.objectives import get_objective

        objective = get_objective(self.config.objective_type)
        folder = self.records.folder
        with explained(folder), PreparationProgress(self.console).shown() as progress:
            prepared = objective.prepare(self.config.objective_config, folder, progress)
        # also when an earlier version, which described no metrics, has started the study
        return {"metrics_described": [metric.to_info() for metric in objective.metrics], **prepared}

    def _share(self) -> "Allocation":
        from tuner.executors.allocation import cluster_machine, planned_trials, share, this_machine

        gpus = self.config.gpus_per_trial
        machine = (
            cluster_machine(self.address) if self.address else this_machine(gpus_per_trial=gpus)
        )
        return share(
            machine,
            workers=self.config.workers,
            threads=self.config.threads,
            gpus_per_trial=gpus,
            trials=planned_trials(self.config),
        )

    def _search(self, study: "Study", share: "Allocation", feeds: "TrackerSync") -> str:
        from tuner.executors.ray.run import run_on_ray
        from tuner.lifecycle.progress import StudyProgress

        left = self._time_left()
        progress = StudyProgress(study, self.console, wall_clock=left)
        if left is not None and left <= 0:
            study.stop("budget")
        feeds.start()
        try:
            if study.over():
                self._say([self._why_over(study)])
                return study.close()
            with progress.shown():
                return run_on_ray(
                    study,
                    share,
                    address=self.address,
                    seconds=left,
                    tick=lambda: self._say(feeds.poll()),
                )
        finally:
            self._say(feeds.finish())

    def _time_left(self) -> float | None:
        """Seconds of the time budget that earlier runs have left; None where there is none."""
        budget = self.config.budget.wall_clock
        if budget is None or self.fixed is not None:
            return None
        return budget - elapsed(self.records.events(), self.records.epochs())

    def _why_over(self, study: "Study") -> str:
        if study.stopping == "budget":
            return "nothing was run: the time budget is used up; give it a larger --max-time"
        if self.fixed is not None:
            return "nothing was run: all repeats have been trained already"
        if study.exhausted:
            return f"nothing was run: {study.exhausted}; widen the search or its constraints"
        return "nothing was run: the study is finished; add trials with --extend N"

    def _conclude(self, study: "Study", reason: str) -> int:
        from tuner.analysis.summary import study_summary

        folder = self.records.folder
        if study.blocked is not None:
            raise WorkFailedError(study.blocked)
        if reason == INTERRUPTED:
            self.console.print(
                f"interrupted; go on with {self.again} (results in {folder})",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
            return EXIT_INTERRUPTED
        self._write_page()
        _result_console().print(study_summary(self.records, reference=None))
        if reason not in ("all trials done", "budget"):
            self.console.print(f"ended early: {reason}", highlight=False, markup=False)
        succeeded = (
            study.trials.counts[TrialState.COMPLETE] + study.trials.counts[TrialState.STOPPED]
        )
        return 0 if succeeded else EXIT_FAILED

    def _write_page(self) -> None:
        """report.html is a convenience: the study is whole without it."""
        from tuner.page import build_page

        page = build_page([self.records.folder])
        with suppress(OSError):
            write_atomically(self.records.folder / "report.html", page.encode())

    def _say(self, warnings: Sequence[str]) -> None:
        for warning in warnings:
            self.console.print(warning, highlight=False, markup=False, soft_wrap=True)


def _result_console() -> "Console":
    from rich.console import Console

    return Console()


def best_trials(records: Records, top: int) -> list[str]:
    """The names of the best searched or baseline trials, best first."""
    from tuner.analysis.comparison import compare

    wanted = {
        trial.name
        for trial in records.trials()
        if trial.kind is not TrialKind.CONFIRM
        and trial.state in (TrialState.COMPLETE, TrialState.STOPPED)
    }
    return [row.trial for row in compare(records).rows if row.trial in wanted][:top]
