"""What a study has still to run: what was left unfinished, what was enqueued, and proposals."""

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
    """Whether stopped trials may be set running again."""
    proposals_first_from: float = math.inf
    """The time from which proposals go before what is enqueued: they get their share of a time
    budget that the baselines alone could use up."""

    @property
    def can_propose(self) -> bool:
        """Whether a new setting may be proposed."""
        return not self.exhausted and (self.limit is None or self.proposed < self.limit)

    def takes_enqueued(self, clock: Callable[[], float]) -> bool:
        """Whether an enqueued trial is next, and not a proposal."""
        if not self.enqueued or not self.can_propose or self.proposals_first_from == math.inf:
            return bool(self.enqueued)
        return clock() < self.proposals_first_from

    def planned(self, known: int, searched: int) -> int | None:
        """How many trials there will be; None without a limit on them.

        Args:
            known: how many there are; a proposal that is being recorded is not among them yet.
            searched: how many of these were proposed.
        """
        known += len(self.enqueued)
        if self.exhausted:
            return known
        return None if self.limit is None else known + max(0, self.limit - searched)

    def only(self, enqueued: Iterable[EnqueuedTrial]) -> None:
        """Run these and what is unfinished, nothing else: no proposals, no promotions."""
        self.enqueued = deque(enqueued)
        self.limit = self.proposed
        self.promotes = False
