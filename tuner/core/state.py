"""The state of a running study, which its parts share."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sr_models.frozen import FrozenConfig
from tuner.core.goals import Goals
from tuner.core.job import Outcome
from tuner.core.setting import SettingReader
from tuner.core.suggester import Suggester
from tuner.core.trials import TrialStore
from tuner.objectives.protocol import Objective
from tuner.records import EventKind, Records, TrialRecord
from tuner.schedulers import Scheduler

if TYPE_CHECKING:
    from tuner.config import StudyConfig

SET_BACK = 60.0
"""Seconds by which the clock may be set back before there is a warning."""


@dataclass
class Running:
    """A trial that a worker is running now."""

    record: TrialRecord
    config: FrozenConfig
    max_epochs: int | None  # None: only the objective's own code knows
    epoch: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass
class StudyState:
    """A running study: what it was built from, the state of its trials, and its listeners.

    Args:
        config: the study file, resolved.
        records: its study.db, open for writing.
        objective: what its trials train.
        suggester: proposes new settings.
        scheduler: decides which trials are stopped.
        settings: reads the params of trials.
        clock: returns the current Unix time in seconds.
    """

    config: "StudyConfig"
    records: Records
    objective: Objective
    suggester: Suggester
    scheduler: Scheduler
    settings: SettingReader
    clock: Callable[[], float]
    goals: Goals = field(init=False)
    trials: TrialStore = field(init=False)
    running: dict[int, Running] = field(default_factory=dict)
    on_start: Callable[[TrialRecord], None] = lambda _: None
    on_epoch: Callable[[Running], None] = lambda _: None
    on_end: Callable[[TrialRecord], None] = lambda _: None
    on_retry: Callable[[TrialRecord, Outcome], None] = lambda *_: None
    on_warning: Callable[[str], None] = lambda _: None
    _latest: float = -math.inf  # of the clock

    def __post_init__(self) -> None:
        self.goals = Goals.of(self.config, self.objective)
        self.trials = TrialStore(self.records, self.goals)

    def now(self) -> float:
        """Return the time; warn if the clock was set back, because times will then overlap."""
        now = self.clock()
        if now < self._latest - SET_BACK:
            self.warn(f"the clock was set back by {self._latest - now:.0f} s: times will overlap")
        self._latest = now
        return now

    def warn(self, text: str) -> None:
        """Record a warning, and tell the listener of it."""
        self.records.add_event(self.clock(), EventKind.WARNING, text=text)
        self.on_warning(text)
