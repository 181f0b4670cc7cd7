"""An epoch, as a run yields it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """An epoch: its number from 1, its metrics by name, and its Unix times in seconds.

    `last` is whether the run is known to end with it.
    """

    number: int
    metrics: Mapping[str, float]
    started: float
    ended: float
    last: bool = False
