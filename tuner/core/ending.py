"""How trials end: recorded first, then told to the sampler and the scheduler, then tidied up."""

from typing import Any

from tuner.core.job import MACHINE_FAULTS, Outcome
from tuner.core.state import StudyState
from tuner.records import EventKind, TrialKind, TrialRecord, TrialState


class TrialEnder:
    """Ends trials of a running study."""

    def __init__(self, state: StudyState) -> None:
        self._state = state

    def end(self, trial: int, state: TrialState, **changes: Any) -> None:
        """Record that a trial has ended, and tidy up after it.

        Args:
            trial: its number.
            state: complete, stopped or failed.
            changes: other fields of its record: reason, error, traceback.
        """
        self.record(trial, state, **changes)
        self.leave(trial)

    def record(self, trial: int, state: TrialState, **changes: Any) -> None:
        """Record that a trial has ended; call `leave` once that is safe on disk."""
        own = self._state
        changes = {"state": state, "ended": own.now(), **changes}
        own.running.pop(trial, None)
        own.trials.change(trial, **changes)
        self.tell(trial)
        if own.trials[trial].kind is not TrialKind.CONFIRM:
            own.scheduler.ended(trial, state)

    def leave(self, trial: int) -> None:
        """A trial's end is on disk: what only a trial that goes on needs is not needed any more.

        Not before: a run that is killed in between would begin the trial again.
        """
        self.tidy(trial)
        self._state.on_end(self._state.trials[trial])

    def tidy(self, trial: int) -> None:
        """Delete the checkpoint of a trial that will not go on."""
        own = self._state
        if not self._may_go_on(own.trials[trial]):
            own.objective.discard_checkpoint(own.trials.folder(trial))

    def tell(self, trial: int) -> None:
        """Tell the sampler how a trial has ended."""
        own = self._state
        record = own.trials[trial]
        if record.kind is not TrialKind.CONFIRM:
            teaches = record.reason not in MACHINE_FAULTS
            own.suggester.end(trial, record.state, own.trials.values(trial), teaches=teaches)

    def fail(self, trial: int, outcome: Outcome) -> None:
        """A trial has failed for good."""
        self.end(
            trial,
            TrialState.FAILED,
            reason=outcome.kind,
            error=outcome.error,
            traceback=outcome.traceback,
        )

    def retry(self, trial: int, outcome: Outcome) -> None:
        """A trial has failed, and is to be tried again."""
        own = self._state
        own.running.pop(trial)
        with own.records.transaction():
            own.trials.change(trial, retries=own.trials[trial].retries + 1)
            own.records.add_event(
                own.now(),
                EventKind.RETRIED,
                trial,
                error=outcome.error,
                traceback=outcome.traceback,
            )
        own.on_retry(own.trials[trial], outcome)

    def interrupt(self, trial: int) -> None:
        """The run ends under a trial, which goes on in the next run."""
        own = self._state
        own.running.pop(trial, None)
        if own.trials[trial].state is not TrialState.INTERRUPTED:
            own.trials.change(trial, state=TrialState.INTERRUPTED)

    def _may_go_on(self, trial: TrialRecord) -> bool:
        """Whether a promotion, an exploit or `--extend` may need the last checkpoint."""
        if trial.state is TrialState.FAILED:
            return False
        keeps = self._state.config.scheduler.keeps_checkpoints
        return keeps or trial.reason in ("budget", "max_epochs")
