"""No early stopping: every trial runs to its own end."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from tuner.records import TrialState
from tuner.schedulers.protocol import (
    BaseSchedulerConfig,
    Decision,
    Resume,
    Scheduler,
    SchedulerContext,
)


class NoneConfig(BaseSchedulerConfig):
    """No early stopping: every trial runs to `max_epochs` or until its patience is used up."""

    type: Literal["none"] = "none"

    stops_trials: ClassVar[bool] = False

    def build(self, context: SchedulerContext) -> Scheduler:
        """Build a scheduler that never stops a trial."""
        return RunToEnd()


class RunToEnd:
    """The null object among the schedulers."""

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Do nothing."""

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Let the trial continue."""
        return Decision.CONTINUE

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return None: no trial was stopped."""
        return None

    def ended(self, trial: int, state: TrialState) -> None:
        """Do nothing."""
