"""What a run yields."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """One epoch: its number from 1, its metrics by name, and its Unix times in seconds.

    `last` is whether the run ends with it; where that is not known, nothing is said.
    """

    number: int
    metrics: Mapping[str, float]
    started: float
    ended: float
    last: bool = False
