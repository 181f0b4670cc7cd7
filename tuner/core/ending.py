"""Ending trials: the end is recorded, then the sampler and the scheduler are told of it."""

from typing import Any

from tuner.core.job import MACHINE_FAULTS, Outcome
from tuner.core.state import StudyState
from tuner.records import EventKind, TrialKind, TrialRecord, TrialState


class TrialEnder:
    """Ends trials of a running study."""

    def __init__(self, state: StudyState) -> None:
        self._state = state

    def end(self, trial: int, state: TrialState, **changes: Any) -> None:
        """Record that a trial has ended, and clean up after it.

        Args:
            trial: its number.
            state: complete, stopped or failed.
            changes: other fields of its record: reason, error, traceback.
        """
        self.record(trial, state, **changes)
        self.clean_up(trial)

    def record(self, trial: int, state: TrialState, **changes: Any) -> None:
        """Record that a trial has ended; call `clean_up` once that is safe on disk."""
        study = self._state
        changes = {"state": state, "ended": study.now(), **changes}
        study.running.pop(trial, None)
        study.trials.change(trial, **changes)
        self.tell(trial)
        if study.trials[trial].kind is not TrialKind.CONFIRM:
            study.scheduler.ended(trial, state)

    def clean_up(self, trial: int) -> None:
        """Discard what only a trial that continues needs, once the trial's end is safe on disk.

        Not earlier: a run that is killed in between would start the trial again from the beginning.
        """
        self.discard_checkpoint(trial)
        self._state.on_end(self._state.trials[trial])

    def discard_checkpoint(self, trial: int) -> None:
        """Delete the checkpoint of a trial that will not continue."""
        study = self._state
        if not self._may_go_on(study.trials[trial]):
            study.objective.discard_checkpoint(study.trials.folder(trial))

    def tell(self, trial: int) -> None:
        """Tell the sampler how a trial has ended."""
        study = self._state
        record = study.trials[trial]
        if record.kind is not TrialKind.CONFIRM:
            teaches = record.reason not in MACHINE_FAULTS
            study.suggester.end(trial, record.state, study.trials.values(trial), teaches=teaches)

    def fail(self, trial: int, outcome: Outcome) -> None:
        """Record that a trial has failed for good."""
        self.end(
            trial,
            TrialState.FAILED,
            reason=outcome.kind,
            error=outcome.error,
            traceback=outcome.traceback,
        )

    def retry(self, trial: int, outcome: Outcome) -> None:
        """Record that a trial has failed and will be retried."""
        study = self._state
        study.running.pop(trial)
        with study.records.transaction():
            study.trials.change(trial, retries=study.trials[trial].retries + 1)
            study.records.add_event(
                study.now(),
                EventKind.RETRIED,
                trial,
                error=outcome.error,
                traceback=outcome.traceback,
            )
        study.on_retry(study.trials[trial], outcome)

    def move(self, trial: int, outcome: Outcome) -> None:
        """Record that a trial moves: its machine is gone, or cannot run it."""
        study = self._state
        study.running.pop(trial)
        study.records.add_event(study.now(), EventKind.MOVED, trial, error=outcome.error)

    def interrupt(self, trial: int) -> None:
        """Record that the run ends while the trial is training; the next run continues it."""
        study = self._state
        study.running.pop(trial, None)
        if study.trials[trial].state is not TrialState.INTERRUPTED:
            study.trials.change(trial, state=TrialState.INTERRUPTED)

    def _may_go_on(self, trial: TrialRecord) -> bool:
        """Whether a promotion, an exploit or `--extend` may need the last checkpoint."""
        if trial.state is TrialState.FAILED:
            return False
        keeps = self._state.config.scheduler.keeps_checkpoints
        return keeps or trial.reason in ("budget", "max_epochs")
