"""A rung of successive halving: the values of the trials that have reached its epoch."""

from bisect import insort
from collections.abc import Iterator


class Rung:
    """The first value of each trial that reached `epoch`, ordered from best to worst.

    Among equal values the earlier trial comes first, so a tie cannot be won by coming late.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.advanced: set[int] = set()
        """Trials that have trained on beyond this rung."""
        self._ranks: dict[int, tuple[float, int, int]] = {}
        self._order: list[tuple[float, int, int]] = []
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, trial: int) -> bool:
        return trial in self._ranks

    def add(self, trial: int, value: float) -> None:
        """Note a trial's value, unless it has one already."""
        if trial in self._ranks:
            return
        rank = (-value, self._arrivals, trial)
        self._arrivals += 1
        self._ranks[trial] = rank
        insort(self._order, rank)

    def remove(self, trial: int) -> None:
        """Forget a trial, so that another trial may take its place."""
        rank = self._ranks.pop(trial, None)
        if rank is not None:
            self._order.remove(rank)
        self.advanced.discard(trial)

    def ranked(self) -> Iterator[int]:
        """Yield all trials, from the best."""
        return (trial for _, _, trial in self._order)

    def quantile(self, numerator: int, denominator: int) -> float | None:
        """Return the interpolated quantile `numerator / denominator` of the values; None if empty.

        The position is computed in integers: with floats, rounding would decide a tie at the
        cutoff.
        """
        if not self._order:
            return None
        below, part = divmod((len(self._order) - 1) * numerator, denominator)
        low = -self._order[-1 - below][0]
        if part == 0:
            return low
        high = -self._order[-2 - below][0]
        return min(high, low + (high - low) * (part / denominator))


def rung_epochs(grace_period: int, reduction_factor: int, max_epochs: int) -> list[int]:
    """Return the epochs of the rungs: the grace period times powers, below `max_epochs`."""
    epochs = []
    epoch = grace_period
    while epoch < max_epochs:
        epochs.append(epoch)
        epoch *= reduction_factor
    return epochs
