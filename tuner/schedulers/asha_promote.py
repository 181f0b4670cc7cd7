"""ASHA that pauses and promotes: a trial waits at each rung until it is among the best there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tuner.records import TrialState
from tuner.schedulers.asha_stop import reached
from tuner.schedulers.protocol import Decision, Resume
from tuner.schedulers.rung import Rung


class PromotingAsha:
    """Resumes the best 1/reduction_factor of each rung, the highest rung first.

    Algorithm 2 of Li et al. 2020, with one shortcut: a trial that would be promoted at once goes
    straight on. A promoted trial continues from its checkpoint, so no epoch is trained twice.
    When no new trial can come (`drain`), the best of each rung need not wait for
    `reduction_factor` rivals: at least one trial reaches the end.
    """

    def __init__(self, epochs: Sequence[int], reduction_factor: int) -> None:
        self._rungs = [Rung(epoch) for epoch in epochs]
        self._reduction_factor = reduction_factor
        self._members: set[int] = set()
        self._paused: dict[int, None] = {}  # in the order of their stops

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Note that the trial may be promoted, and is running."""
        self._members.add(trial)
        if trial in self._paused:
            self._advance(trial)

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Pause at each rung, unless the trial is among its best already."""
        rung = reached(self._rungs, epoch)
        self._passed(trial, epoch)
        if rung is None or trial in rung.advanced:
            return Decision.CONTINUE
        rung.add(trial, value)
        if trial in rung.best(self._places(rung)):
            rung.advanced.add(trial)
            return Decision.CONTINUE
        return Decision.STOP

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """The trial to promote: first those that were cut off between rungs."""
        trial = next(self._candidates(drain), None)
        if trial is None:
            return None
        self._advance(trial)
        return Resume(trial)

    def ended(self, trial: int, state: TrialState) -> None:
        """A stopped trial waits; a failed one leaves its places to others."""
        self._paused.pop(trial, None)
        if state is TrialState.STOPPED and trial in self._members:
            self._paused[trial] = None
        if state is TrialState.FAILED:
            for rung in self._rungs:
                rung.remove(trial)

    def _candidates(self, drain: bool) -> Iterator[int]:
        yield from (trial for trial in self._paused if self._waits_at(trial) is None)
        for rung in reversed(self._rungs):
            for trial in rung.best(max(self._places(rung), int(drain))):
                if trial in self._paused and self._waits_at(trial) is rung:
                    yield trial

    def _places(self, rung: Rung) -> int:
        return len(rung) // self._reduction_factor

    def _waits_at(self, trial: int) -> Rung | None:
        """The rung that holds the trial; None if it may run on to the next."""
        entered = [rung for rung in self._rungs if trial in rung]
        return entered[-1] if entered and trial not in entered[-1].advanced else None

    def _advance(self, trial: int) -> None:
        self._paused.pop(trial, None)
        rung = self._waits_at(trial)
        if rung is not None:
            rung.advanced.add(trial)

    def _passed(self, trial: int, epoch: int) -> None:
        """A trial that trains beyond a rung without being promoted (a baseline) has advanced."""
        for rung in self._rungs:
            if rung.epoch < epoch and trial in rung:
                rung.advanced.add(trial)
