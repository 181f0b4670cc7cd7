"""ASHA that stops: a trial below the top fraction of its rung ends there for good."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.records import TrialState
from tuner.schedulers.protocol import Decision, Resume
from tuner.schedulers.rung import Rung


class StoppingAsha:
    """Stops a trial that scores below the top 1/reduction_factor of the trials before it.

    The rule of Ray's AsyncHyperBandScheduler: the cutoff is interpolated between the values that
    reached the rung earlier; the first trial at a rung passes, and so does a tie. So the best value
    so far is never stopped.

    Args:
        epochs: the epochs of the rungs, ascending.
        reduction_factor: see `AshaConfig`.
    """

    def __init__(self, epochs: Sequence[int], reduction_factor: int) -> None:
        self._rungs = [Rung(epoch) for epoch in epochs]
        self._reduction_factor = reduction_factor
        self._stopped_at: dict[int, int] = {}

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Do nothing."""

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Stop at a rung that the trial does not pass; a repeated report gets the same answer."""
        rung = reached(self._rungs, epoch)
        if rung is None:
            return Decision.CONTINUE
        if trial not in rung:
            cutoff = rung.quantile(self._reduction_factor - 1, self._reduction_factor)
            if cutoff is not None and value < cutoff:
                self._stopped_at[trial] = epoch
            rung.add(trial, value)
        return Decision.STOP if self._stopped_at.get(trial) == epoch else Decision.CONTINUE

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return None: a stopped trial stays stopped."""
        return None

    def ended(self, trial: int, state: TrialState) -> None:
        """Do nothing: the value of a trial at a rung counts however the trial has ended."""


def reached(rungs: Sequence[Rung], epoch: int) -> Rung | None:
    """Return the highest rung at or below `epoch`."""
    return next((rung for rung in reversed(rungs) if rung.epoch <= epoch), None)
