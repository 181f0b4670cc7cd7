"""The parts of a run on Ray."""

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
"""Called with the name and the description of a machine that takes part."""
GiveUp = Callable[[list[int]], None]
"""Ends the workers of some trials, on whatever machine."""


@dataclass(frozen=True)
class Task:
    """A study to be run.

    Args:
        study: the study.
        objective: how a worker gets its objective.
        share: what each trial takes.
        scratch: the folder that Ray may write to.
        interruption: the signal that ends the run, if any.
    """

    study: Study
    objective: Shipment
    share: Allocation
    scratch: Path
    interruption: Interruption


@dataclass(frozen=True)
class Site:
    """How a worker of a cluster knows that it is in the right place, and still wanted.

    Args:
        nonce: a file of the study and its content; None on a single machine.
        server: the name of the actor that sends files to workers which do not see the results.
        here: the description of the driver's machine; None on a single machine.
        fences: the folder of the fences; None on a single machine, whose workers die with the run.
    """

    nonce: tuple[str, str] | None = None
    server: str | None = None
    here: dict[str, Any] | None = None
    fences: Path | None = None

    def fence(self, trial: int) -> Fence | None:
        """Return a new fence for a job of a trial."""
        return None if self.fences is None else Fence.put_up(self.fences, trial)
