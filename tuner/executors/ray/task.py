"""What a run on Ray is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.core.study import Study
from tuner.executors.allocation import Allocation
from tuner.executors.ray.fence import Fence
from tuner.executors.signals import Interruption
from tuner.objectives.shipping import Shipment

Tick = Callable[[], None]
"""Called several times a second, between two events."""
Met = Callable[[str, dict[str, Any]], None]
"""Called with the name and the facts of a machine that takes part."""
GiveUp = Callable[[list[int]], None]
"""Ends the workers of some trials, on whatever machine."""


@dataclass(frozen=True)
class Task:
    """A study to be run.

    Args:
        study: it.
        objective: what its trials train, as a worker comes by it.
        share: what each trial takes.
        scratch: where Ray may write.
        interruption: the signal that ends the run, if one comes.
    """

    study: Study
    objective: Shipment
    share: Allocation
    scratch: Path
    interruption: Interruption


@dataclass(frozen=True)
class Site:
    """What tells a worker of a cluster that it is in the right place, and still wanted.

    Args:
        nonce: a file of the study and what stands in it; None on one machine.
        server: the name of what gives files to those who do not see the results.
        here: what the driver's machine is like; None on one machine.
        fences: where fences are put up; None on one machine, whose workers die with the run.
    """

    nonce: tuple[str, str] | None = None
    server: str | None = None
    here: dict[str, Any] | None = None
    fences: Path | None = None

    def fence(self, trial: int) -> Fence | None:
        """A new fence for a job of a trial."""
        return None if self.fences is None else Fence.put_up(self.fences, trial)
