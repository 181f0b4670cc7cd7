"""A study as a Python object: its results, and how it is resumed, extended and confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.errors import UserError
from sr_models.exits import GRACEFUL
from sr_models.source import given_by_hand
from tuner.lifecycle.in_python import told_in_python

if TYPE_CHECKING:
    import pandas as pd

    from tuner.analysis.comparison import Comparison
    from tuner.analysis.rows import Row
    from tuner.config import StudyConfig
    from tuner.lifecycle.reporter import Reporter
    from tuner.lifecycle.run import RunOptions
    from tuner.lifecycle.runner import RunResult
    from tuner.objectives.protocol import Objective
    from tuner.records.status import StudyStatus


@dataclass(frozen=True)
class TrialResult:
    """A trial and its results.

    Attributes:
        name: its name, which is also the name of its folder.
        state: complete, stopped, failed, running or interrupted.
        params: its setting.
        value: the metric that is searched for, at its best epoch; None if there is no value.
        metrics: the best value of each metric; of one without a direction, its value at the
            trial's best epoch.
        epochs: how many epochs it trained.
        seconds: how long they took.
        error: why it failed.
        folder: the folder of its files.
    """

    name: str
    state: str
    params: Mapping[str, Any]
    value: float | None
    metrics: Mapping[str, float]
    epochs: int
    seconds: float
    error: str | None
    folder: Path

    def load(self) -> Any:
        """Return the state that the trial's code saved last (`trial.save`), as `trial.load` does.

        A state may run code when it is read, so load only studies that you trust.

        Returns:
            None if there is none: the code saved no state, or the objective keeps its own files.

        Raises:
            ObjectiveError: it cannot be read on this machine.
        """
        from tuner.objectives.checkpoint import CheckpointStore

        found = CheckpointStore(self.folder).look()
        return None if found is None else found.read()


class Study:
    """A study in its results folder, which is read again for each attribute.

    Args:
        folder: the results folder.
        objective: the code that its trials run, if it cannot be imported by name.
    """

    def __init__(self, folder: Path, objective: Any = None) -> None:
        self.folder = folder
        self._objective = objective

    @property
    def name(self) -> str:
        """The study's name."""
        return self._comparison().studies[0].name

    @property
    def status(self) -> "StudyStatus":
        """Whether it is running, was interrupted, or has ended."""
        return _status(self._comparison())

    @property
    def trials(self) -> list[TrialResult]:
        """All trials, best first; failed ones last."""
        comparison = self._comparison()
        return [self._trial(row, comparison.metric) for row in comparison.rows]

    @property
    def best(self) -> TrialResult:
        """The best trial.

        Raises:
            UserError: no trial has a value yet.
        """
        comparison = self._comparison()
        row = comparison.best()
        if row is None:
            failed = [trial for trial in self.trials if trial.error]
            why = f": {failed[0].name} failed with {failed[0].error}" if failed else ""
            raise UserError(f"no trial of {self.folder} has a value yet{why}")
        return self._trial(row, comparison.metric)

    def to_frame(self) -> "pd.DataFrame":
        """Return a data frame with a row for each trial, best first, with its params and best
        metrics."""
        from tuner.analysis.tables import to_frame

        return to_frame(self._comparison())

    def report(self, file: str | Path | None = None) -> Path:
        """Write the compare page, a single HTML file that works offline; return its path.

        Args:
            file: by default `report.html` in the study's folder.
        """
        from tuner.analysis.writing import write_whole
        from tuner.page import build_page

        place = self.folder / "report.html" if file is None else Path(file)
        write_whole(place, build_page([self.folder]).encode("utf-8", errors="backslashreplace"))
        return place

    @told_in_python
    def confirm(
        self, *, top: int = 3, seeds: int = 5, address: str | None = None, quiet: bool = False
    ) -> "Study":
        """Train the best trials again with other seeds: is the winner better, or was it luck?

        Args:
            top: how many of the best trials.
            seeds: seeds for each trial, its own included.
            address: of a Ray cluster; by default RAY_ADDRESS, or this machine.
            quiet: show nothing.

        Returns:
            This study.

        Raises:
            UserError: there is nothing to confirm, or the objective has no `seed`.
            KeyboardInterrupt: after Ctrl-C; the same call continues where it stopped.
        """
        from tuner.config import Confirm
        from tuner.config.checks import checked
        from tuner.lifecycle.allocate import cluster_address
        from tuner.lifecycle.confirm import confirm_study

        _require_no_trial()
        wanted = checked(Confirm, {"top": top, "seeds": seeds}, "confirm")
        reporter = self._reporter("confirm()", quiet=quiet)
        cluster = cluster_address(address)
        found = confirm_study(self.folder, wanted, reporter, address=cluster, objective=self._own())
        return self._checked(found)

    @told_in_python
    def resume(
        self,
        objective: Any = None,
        *,
        extend: int | None = None,
        retry_failed: bool = False,
        force: bool = False,
        address: str | None = None,
        quiet: bool = False,
    ) -> "Study":
        """Resume the study where it was interrupted, with the same settings.

        Args:
            objective: the function or class, if it cannot be imported by name because it was
                defined in a notebook.
            extend: trials to add.
            retry_failed: run the trials again that have failed.
            force: resume although data or settings have changed.
            address: of a Ray cluster; by default RAY_ADDRESS, or this machine.
            quiet: show nothing.

        Returns:
            This study.

        Raises:
            UserError: it cannot be resumed, and why.
            KeyboardInterrupt: after Ctrl-C; it can be resumed again.
        """
        from tuner.config import load_study
        from tuner.lifecycle.allocate import cluster_address
        from tuner.lifecycle.create import STUDY_FILE
        from tuner.lifecycle.resume import ResumeOptions
        from tuner.lifecycle.run import RunOptions

        _require_count(extend)
        own = self._own(objective)
        config = load_study(self.folder / STUDY_FILE, objective=own)
        if own is not None and not force:
            _require_same_code(self.folder, config.objective_type, own.name)
        self._objective = self._objective if objective is None else objective
        resuming = ResumeOptions(extend, force, retry_failed=retry_failed)
        options = RunOptions(resume=resuming, address=cluster_address(address))
        return self.run(config, options, quiet=quiet)

    def run(self, config: "StudyConfig", options: "RunOptions", *, quiet: bool = False) -> "Study":
        """Run the study with a config; see `tuner.search` and `resume`."""
        from tuner.lifecycle.run import run_study

        _require_no_trial()
        code = given_by_hand(config.objective.name) or ""
        reporter = self._reporter(f"resume({code})", quiet=quiet)
        return self._checked(run_study(config, self.folder, options, reporter))

    def __repr__(self) -> str:
        from tuner.analysis.formats.notebook import headline

        comparison = self._comparison()
        return f"<Study {headline(comparison, _status(comparison))}, in {self.folder}>"

    def _repr_html_(self) -> str:
        """Return the best trials, for a notebook."""
        from tuner.analysis.formats.notebook import html

        comparison = self._comparison()
        return html(comparison, _status(comparison))

    def _comparison(self) -> "Comparison":
        from tuner.analysis.comparison import compare
        from tuner.analysis.snapshot import open_snapshot

        return compare(open_snapshot(self.folder))

    def _trial(self, row: "Row", metric: str | None) -> TrialResult:
        values = {
            name: summary.at_best if summary.best is None else summary.best
            for name, summary in row.metrics.items()
        }
        best = {name: value for name, value in values.items() if value is not None}
        return TrialResult(
            name=row.trial,
            state=str(row.state),
            params=row.given,
            value=row.best(metric),
            metrics={**row.static_metrics, **best},
            epochs=row.epochs,
            seconds=row.seconds,
            error=row.error,
            folder=self.folder / "trials" / row.trial,
        )

    def _own(self, given: Any = None) -> "Objective | None":
        from tuner.objectives.loading import own_objective

        code = self._objective if given is None else given
        return None if code is None else own_objective(code)

    def _reporter(self, call: str, *, quiet: bool) -> "Reporter":
        from tuner.lifecycle.notebook import reporter_here

        return reporter_here(f"tuner.load_study({str(self.folder)!r}).{call}", quiet=quiet)

    def _checked(self, result: "RunResult") -> "Study":
        if result.interrupted and result.signal in GRACEFUL:
            raise SystemExit(result.exit_code)  # a script that gets SIGTERM ends
        if result.interrupted:
            raise KeyboardInterrupt
        return self


def _require_same_code(folder: Path, before: str, now: str) -> None:
    """Trials of two functions do not compare; the same one may come from a file that was moved."""
    if before.rpartition(":")[2] != now.rpartition(":")[2]:
        raise UserError(
            f"study {folder} was started with {before}, not with {now}: their results would not "
            "compare; continue anyway with resume(..., force=True)"
        )


def _require_no_trial() -> None:
    """A search in a trial would wait for a worker, which the trial occupies."""
    from tuner.objectives.output import in_a_trial

    if in_a_trial():
        raise UserError("a search cannot run inside of a trial: its training code must not search")


def _require_count(extend: Any) -> None:
    is_count = isinstance(extend, int) and not isinstance(extend, bool) and extend >= 0
    if extend is not None and not is_count:
        raise UserError(f"extend = {extend!r}: must be a whole number, 0 or more")


def _status(comparison: "Comparison") -> "StudyStatus":
    from tuner.records.lock import is_abandoned
    from tuner.records.status import StudyStatus, study_status

    study = comparison.studies[0]
    found = study_status(study.events)
    killed = found is StudyStatus.RUNNING and is_abandoned(study.folder)
    return StudyStatus.INTERRUPTED if killed else found
