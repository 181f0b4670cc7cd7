"""How often a trial that crashed is tried again."""

from dataclasses import dataclass, field


@dataclass
class Tries:
    """Counts the tries of each trial since it last came further.

    A trial that crashes at the same epoch again and again is at fault itself; one that comes
    further between two crashes is not given up for their number.

    Args:
        most: tries in addition to the first.
    """

    most: int
    _used: dict[int, int] = field(default_factory=dict)
    _reached: dict[int, int] = field(default_factory=dict)

    def another(self, trial: int, epoch: int) -> bool:
        """Whether a trial that crashed after an epoch may try again; counts it if so."""
        if epoch > self._reached.get(trial, -1):
            self._used[trial] = 0
        self._reached[trial] = epoch
        if self._used[trial] >= self.most:
            return False
        self._used[trial] += 1
        return True
