"""The queue of a study: unfinished trials, enqueued trials, and proposals."""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tuner.core.job import EnqueuedTrial


@dataclass
class TrialQueue:
    """The trials to come, in the order in which they are run.

    Args:
        limit: how many trials may be proposed in all; None for no limit.
    """

    limit: int | None
    unfinished: deque[int] = field(default_factory=deque)
    """Trials that an earlier run left unfinished, or that are to be retried."""
    enqueued: deque[EnqueuedTrial] = field(default_factory=deque)
    """Baselines, or repeats."""
    proposed: int = 0
    exhausted: str | None = None
    """Why nothing new is proposed any more."""
    promotes: bool = True
    """Whether stopped trials may be resumed."""
    proposals_first_from: float = math.inf
    """The time from which proposals come before enqueued trials: otherwise the baselines alone
    could use up a time budget."""

    @property
    def can_propose(self) -> bool:
        """Whether a new setting may be proposed."""
        return not self.exhausted and (self.limit is None or self.proposed < self.limit)

    def takes_enqueued(self, clock: Callable[[], float]) -> bool:
        """Return whether the next trial is an enqueued trial rather than a proposal."""
        if not self.enqueued or not self.can_propose or self.proposals_first_from == math.inf:
            return bool(self.enqueued)
        return clock() < self.proposals_first_from

    def planned(self, known: int, searched: int) -> int | None:
        """Return how many trials there will be; None if their number is not limited.

        Args:
            known: how many there are now, without a proposal that is just being recorded.
            searched: how many of these were proposed.
        """
        known += len(self.enqueued)
        if self.exhausted:
            return known
        return None if self.limit is None else known + max(0, self.limit - searched)

    def only(self, enqueued: Iterable[EnqueuedTrial]) -> None:
        """Run these and the unfinished trials, and nothing else: no proposals, no promotions."""
        self.enqueued = deque(enqueued)
        self.limit = self.proposed
        self.promotes = False
