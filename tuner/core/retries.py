"""How often a crashed trial is retried."""

from dataclasses import dataclass, field


@dataclass
class RetryCounter:
    """Counts the retries of each trial since it last made progress.

    A trial that crashes at the same epoch again and again is itself at fault; a trial that makes
    progress between two crashes is not given up because they are many.

    Args:
        most: retries without progress that are allowed.
    """

    most: int
    _used: dict[int, int] = field(default_factory=dict)
    _reached: dict[int, int] = field(default_factory=dict)

    def try_again(self, trial: int, epoch: int) -> bool:
        """Return whether a trial that crashed after `epoch` may be retried, and count the retry."""
        if epoch > self._reached.get(trial, -1):
            self._used[trial] = 0
        self._reached[trial] = epoch
        if self._used[trial] >= self.most:
            return False
        self._used[trial] += 1
        return True
