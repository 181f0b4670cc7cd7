"""One run of a study from its folder to its result: what `run` and `confirm` have in common."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sr_models.errors import UserError
from tuner.cli import EXIT_FAILED, EXIT_INTERRUPTED
from tuner.config import StudyConfig
from tuner.records import Records, TrialKind, TrialState

if TYPE_CHECKING:
    from rich.console import Console

    from tuner.resources import Share
    from tuner.study import Fixed, Study
    from tuner.trackers.feeds import TrackerFeeds


@dataclass(frozen=True)
class Session:
    """What one run is given.

    Args:
        config: the study file, resolved.
        records: the study's records, open for writing and locked for others.
        console: where progress goes.
        address: of a Ray cluster, or None.
        force: go on even if the images have changed.
        fixed: trials to run; None to search on.
    """

    config: StudyConfig
    records: Records
    console: "Console"
    address: str | None = None
    force: bool = False
    fixed: Sequence["Fixed"] | None = field(default=None)

    def run(self) -> int:
        """Prepare, run, and show the result; returns the exit code."""
        from tuner.assembly import assemble
        from tuner.opening import check_data
        from tuner.trackers.feeds import TrackerFeeds

        feeds = TrackerFeeds(self.records.folder, self.config.trackers)
        feeds.check()
        check_data(self.records, self._prepare(), force=self.force)
        share = self._share()
        self.records.set_info("workers", share.workers)
        study = assemble(self.config, self.records, workers=share.workers)
        if self.fixed is not None:
            study.only(self.fixed)
        reason = self._search(study, share, feeds)
        return self._conclude(study, reason)

    def _prepare(self) -> dict[str, object]:
        from tuner.objectives import get_objective
        from tuner.progress import PreparationProgress

        objective = get_objective(self.config.objective_type)
        with PreparationProgress(self.console).shown() as progress:
            return objective.prepare(self.config.objective_config, self.records.folder, progress)

    def _share(self) -> "Share":
        from tuner.resources import cluster_machine, planned_trials, share, this_machine

        machine = cluster_machine(self.address) if self.address else this_machine()
        return share(
            machine,
            workers=self.config.workers,
            threads=self.config.threads,
            gpus_per_trial=self.config.gpus_per_trial,
            trials=planned_trials(self.config),
        )

    def _search(self, study: "Study", share: "Share", feeds: "TrackerFeeds") -> str:
        from tuner.engine import run_on_ray
        from tuner.progress import StudyProgress

        deadline = self._deadline()
        left = None if deadline is None else deadline - time.time()
        progress = StudyProgress(study, self.console, wall_clock=left)
        feeds.start()
        try:
            with progress.shown():
                return run_on_ray(
                    study,
                    share,
                    address=self.address,
                    deadline=deadline,
                    tick=lambda: self._say(feeds.poll()),
                )
        finally:
            self._say(feeds.finish())

    def _deadline(self) -> float | None:
        """When the time budget is used up, earlier runs counted in.

        Raises:
            UserError: it is used up already.
        """
        from tuner.elapsed import elapsed

        budget = self.config.budget.wall_clock
        if budget is None or self.fixed is not None:
            return None
        spent = elapsed(self.records.events(), self.records.epochs())
        if spent >= budget:
            raise UserError(
                f"the study's time budget of {budget:g} s is used up ({spent:.0f} s): give it a "
                "larger --max-time"
            )
        return time.time() + budget - spent

    def _conclude(self, study: "Study", reason: str) -> int:
        from tuner.analysis.summary import study_summary

        folder = self.records.folder
        if reason == "interrupted":
            self.console.print(
                f"interrupted; go on with the same command and --resume (results in {folder})",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
            return EXIT_INTERRUPTED
        self._write_page()
        _result_console().print(study_summary(self.records, reference=None))
        if reason not in ("all trials done", "budget"):
            self.console.print(f"ended early: {reason}", highlight=False, markup=False)
        return 0 if study.best is not None else EXIT_FAILED

    def _write_page(self) -> None:
        """report.html is a convenience: the study is whole without it."""
        from tuner.page import build_page

        page = build_page([self.records.folder])
        with suppress(OSError):
            (self.records.folder / "report.html").write_text(page, encoding="utf-8")

    def _say(self, warnings: Sequence[str]) -> None:
        for warning in warnings:
            self.console.print(warning, style="yellow", highlight=False, markup=False)


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
