"""What stops, pauses and resumes trials: a pure rule, without clock, Ray or unseeded chance.

A scheduler's state is a function of the calls that it has had. A study that is resumed makes a
new one and repeats the calls from study.db in the order in which they happened.

Values are scores: greater is better, and always finite (a trial whose metric is not finite has
failed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol

from sr_models.frozen import FrozenConfig
from tuner.records import TrialState


class Decision(StrEnum):
    """What a trial does after an epoch; a trial that stops may be resumed later."""

    CONTINUE = "continue"
    STOP = "stop"


@dataclass(frozen=True)
class Resume:
    """A stopped trial that runs on.

    Without a donor it goes on from its own checkpoint with the params that it has. With one it
    takes over the donor's checkpoint and trains on under new `params` (all of them).
    """

    trial: int
    params: dict[str, Any] | None = None
    donor: int | None = None


class Scheduler(Protocol):
    """Decides after each epoch whether a trial goes on, and which stopped trial does.

    A baseline must not be `started`: it runs to its own end. Its epochs may be reported, so that
    searched trials are measured by it; what `report` then answers is to be ignored.
    """

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """A searched trial starts, or runs on (after `next_resume`), with these params."""

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """A trial has ended an epoch (from 1). A repeated report of an epoch does no harm."""

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """The stopped trial that should run on now, before any new one starts.

        The answer is taken as started: ask only with a worker at hand. `drain` says that no new
        trial will start any more, so the best of those that wait need not wait for rivals.
        """

    def ended(self, trial: int, state: TrialState) -> None:
        """A trial has left its worker: it was stopped, has completed, failed, or was cut off."""


@dataclass(frozen=True)
class Mutable:
    """A searched value that may change while the trained weights are kept.

    A number lies in [low, high], on a grid of `step` from `low` where there is one; otherwise
    the value is one of `choices`, neighbours being alike.
    """

    low: float = 0.0
    high: float = 1.0
    log: bool = False
    step: float | None = None
    integer: bool = False
    choices: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class SchedulerSetting:
    """What a scheduler is built for: epochs of a full trial, and what it may change."""

    max_epochs: int
    mutables: Mapping[str, Mutable] = field(default_factory=dict)


class BaseSchedulerConfig(FrozenConfig):
    """What every scheduler declares."""

    type: str
    supports_two_metrics: ClassVar[bool] = True
    """Whether a study of two metrics may use it (it then goes by the first)."""

    stops_trials: ClassVar[bool] = True
    """Whether most trials end, or may end, before they have run in full."""

    changes_params: ClassVar[bool] = False
    """Whether a trial's params may change while it runs."""

    @property
    def keeps_checkpoints(self) -> bool:
        """Whether a stopped trial may run on, so that its last checkpoint must stay."""
        return False

    def build(self, setting: SchedulerSetting) -> Scheduler:
        """A scheduler that has seen nothing yet."""
        raise NotImplementedError


Mode = Literal["stop", "promote"]
