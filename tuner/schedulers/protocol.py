"""The interface of schedulers: a pure rule, without a clock, Ray or unseeded randomness.

The state of a scheduler is a function of the calls that it has had. When a study is resumed, a new
scheduler is built, and the calls are repeated from study.db in their original order.

Values are scores: greater is better, and they are always finite (a trial whose metric is not finite
has failed).
"""

from abc import abstractmethod
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
    """A stopped trial that is to continue.

    Without a donor it continues from its own checkpoint with the params that it has. With a donor
    it copies the donor's checkpoint and continues with new `params` (all of them).
    """

    trial: int
    params: dict[str, Any] | None = None
    donor: int | None = None


class Scheduler(Protocol):
    """Decides after each epoch whether a trial continues, and which stopped trial is resumed.

    A baseline must not be `started`: it runs to its own end. Its epochs may be reported, so that
    searched trials are compared with it; the answer of `report` is then ignored.
    """

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Note that a searched trial starts, or continues after `next_resume`.

        Args:
            trial: its number.
            params: the params that it trains with from now on.
        """

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Decide about a trial that has ended an epoch (from 1).

        Reporting an epoch again has no effect.

        Args:
            trial: its number.
            epoch: the epoch, from 1.
            value: the score; greater is better.
        """

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return the stopped trial that should continue now, before any new trial starts.

        The trial counts as started from then on, so call this only when a worker is free. `drain`
        means that no new trial will start any more, so the best of the waiting trials need not wait
        for rivals.
        """

    def ended(self, trial: int, state: TrialState) -> None:
        """Note that a trial has left its worker: stopped, complete, failed, or interrupted."""


@dataclass(frozen=True)
class Mutable:
    """A searched value that may change while the trained weights are kept.

    A number is in [low, high], on a grid of `step` from `low` if there is a step. Any other value
    is one of `choices`, in which neighbours are similar.
    """

    low: float = 0.0
    high: float = 1.0
    log: bool = False
    step: float | None = None
    integer: bool = False
    choices: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class SchedulerContext:
    """What a scheduler is built for: the epochs of a full trial, and the params it may change."""

    max_epochs: int
    mutables: Mapping[str, Mutable] = field(default_factory=dict)


class BaseSchedulerConfig(FrozenConfig):
    """What every scheduler declares."""

    type: str
    supports_two_metrics: ClassVar[bool] = True
    """Whether a study of two metrics may use it (it then uses the first metric)."""

    stops_trials: ClassVar[bool] = True
    """Whether trials may end before they have run in full."""

    changes_params: ClassVar[bool] = False
    """Whether a trial's params may change while it runs."""

    @property
    def keeps_checkpoints(self) -> bool:
        """Whether a stopped trial may continue, so that its last checkpoint has to be kept."""
        return False

    @abstractmethod
    def build(self, context: SchedulerContext) -> Scheduler:
        """Return a scheduler that has seen no trials yet."""


Mode = Literal["stop", "promote"]
