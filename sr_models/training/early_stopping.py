"""Early stopping of a run that does not improve."""

import math
from collections.abc import Mapping


class EarlyStopping:
    """Counts the epochs in a row without a better score: the report's "limit".

    Args:
        limit: the number of such epochs after which the run stops; None for never.
        min_delta: by how much a score must be better to count.
    """

    def __init__(self, limit: int | None, min_delta: float) -> None:
        self._limit = limit
        self._min_delta = min_delta
        self._best = -math.inf
        self._waited = 0

    def observe(self, score: float) -> None:
        """Note the score of an epoch; greater is better."""
        if score > self._best + self._min_delta:
            self._best, self._waited = score, 0
        else:
            self._waited += 1

    @property
    def exhausted(self) -> bool:
        """Whether it is time to stop."""
        return self._limit is not None and self._waited >= self._limit

    def state(self) -> dict[str, float]:
        """Return the state for a checkpoint."""
        known = {"best": self._best} if math.isfinite(self._best) else {}
        return {"waited": self._waited, **known}

    def restore(self, state: Mapping[str, float]) -> None:
        """Continue from `state`; the limit stays the config's, which may have grown."""
        self._waited = int(state.get("waited", 0))
        self._best = float(state.get("best", -math.inf))
