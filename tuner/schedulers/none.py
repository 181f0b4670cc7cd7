"""Every trial runs to its own end."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from tuner.records import TrialState
from tuner.schedulers.protocol import (
    BaseSchedulerConfig,
    Decision,
    Resume,
    Scheduler,
    SchedulerSetting,
)


class NoneConfig(BaseSchedulerConfig):
    """No early stopping: every trial runs to `max_epochs` or out of patience."""

    type: Literal["none"] = "none"

    stops_trials: ClassVar[bool] = False

    def build(self, setting: SchedulerSetting) -> Scheduler:
        """A scheduler that never stops anything."""
        return RunToEnd()


class RunToEnd:
    """The null object among the schedulers."""

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Nothing to note."""

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Go on."""
        return Decision.CONTINUE

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Nothing was stopped."""
        return None

    def ended(self, trial: int, state: TrialState) -> None:
        """Nothing to note."""
