"""ASHA that pauses and promotes: a trial waits at each rung until it is among the best there."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from tuner.records import TrialState
from tuner.schedulers.asha_stop import reached
from tuner.schedulers.protocol import Decision, Resume
from tuner.schedulers.rung import Rung


class PromotingAsha:
    """Promotes 1 in `reduction_factor` trials from each rung, from the highest rung down.

    This is algorithm 2 of Li et al. 2020 with a cap. The original promotes whatever is among the
    best 1/reduction_factor at that moment; if the sampler learns, nearly every new trial is, and
    most of the budget is spent on trials that differ little. Here a rung of n trials promotes n //
    reduction_factor, and the best trial that waits takes a place when one becomes free.

    A promoted trial continues from its checkpoint, so no epoch is trained twice; a trial that would
    be promoted at once is not paused. When no new trial can come (`drain`), the best of each rung
    waits neither for `reduction_factor` rivals, so that at least 1 trial reaches the end, nor for a
    place, so that it is not lost if a worse trial was promoted before it came. Baselines take no
    places.

    Args:
        epochs: the epochs of the rungs, ascending.
        reduction_factor: see `AshaConfig`.
    """

    def __init__(self, epochs: Sequence[int], reduction_factor: int) -> None:
        self._rungs = [Rung(epoch) for epoch in epochs]
        self._reduction_factor = reduction_factor
        self._members: set[int] = set()
        self._paused: dict[int, None] = {}  # in the order in which they were paused

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Note that the trial is running, and may be promoted later."""
        self._members.add(trial)
        if trial in self._paused:
            self._advance(trial)

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Pause at each rung, unless the trial would be promoted at once."""
        rung = reached(self._rungs, epoch)
        self._passed(trial, epoch)
        if rung is None or trial not in self._members or trial in rung.advanced:
            return Decision.CONTINUE
        rung.add(trial, value)
        if self._has_place(rung) and next(self._waiting(rung, trial)) == trial:
            rung.advanced.add(trial)
            return Decision.CONTINUE
        return Decision.STOP

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return the trial to promote; trials that were interrupted between rungs come first."""
        trial = next(self._candidates(drain), None)
        if trial is None:
            return None
        self._advance(trial)
        return Resume(trial)

    def ended(self, trial: int, state: TrialState) -> None:
        """Keep a stopped trial waiting; a failed trial leaves its places to others."""
        self._paused.pop(trial, None)
        if state is TrialState.STOPPED and trial in self._members:
            self._paused[trial] = None
        if state is TrialState.FAILED:
            for rung in self._rungs:
                rung.remove(trial)

    def _candidates(self, drain: bool) -> Iterator[int]:
        yield from (trial for trial in self._paused if self._waits_at(trial) is None)
        for rung in reversed(self._rungs):
            if self._has_place(rung, at_least=int(drain)):
                yield from self._waiting(rung)
            elif drain:
                yield from self._ahead(rung)

    def _has_place(self, rung: Rung, at_least: int = 0) -> bool:
        return len(rung.advanced) < max(len(rung) // self._reduction_factor, at_least)

    def _waiting(self, rung: Rung, arriving: int | None = None) -> Iterator[int]:
        """The trials that wait at the rung, with the one that arrives, from the best."""
        for trial in rung.ranked():
            if trial == arriving or (trial in self._paused and self._waits_at(trial) is rung):
                yield trial

    def _ahead(self, rung: Rung) -> Iterator[int]:
        """The trials that wait at the rung and are better there than all that were promoted."""
        waiting = set(self._waiting(rung))
        better = takewhile(lambda trial: trial not in rung.advanced, rung.ranked())
        return (trial for trial in better if trial in waiting)

    def _waits_at(self, trial: int) -> Rung | None:
        """The rung at which the trial waits; None if it may continue to the next rung."""
        entered = [rung for rung in self._rungs if trial in rung]
        return entered[-1] if entered and trial not in entered[-1].advanced else None

    def _advance(self, trial: int) -> None:
        self._paused.pop(trial, None)
        rung = self._waits_at(trial)
        if rung is not None:
            rung.advanced.add(trial)

    def _passed(self, trial: int, epoch: int) -> None:
        """Note that a trial trains beyond a rung without having been promoted there."""
        for rung in self._rungs:
            if rung.epoch < epoch and trial in rung:
                rung.advanced.add(trial)
