"""What all samplers share: how one is built for a single proposal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler


@dataclass(frozen=True)
class SamplerContext:
    """One proposal that is asked for.

    A sampler is built anew for each proposal and draws from `seed` alone, so a proposal depends
    on nothing but the study's seed, its place in the sequence and the trials known so far: a
    study that was killed and resumed proposes what it would have proposed.
    """

    index: int  # 0, 1, ... over all proposals of the study, rejected ones included
    seed: int  # derived from the study's seed and the index
    distributions: Mapping[str, "BaseDistribution"] = field(default_factory=dict)
    unseen: Mapping[str, Any] | None = None  # grid: Optuna's view of the next setting


class Sampler(FrozenConfig):
    """Settings that every sampler has.

    Args:
        seed: two studies with the same file, seed and one worker propose the same settings.
    """

    seed: int = Field(default=0, ge=0, lt=2**31)

    multi_objective: ClassVar[bool] = False
    """Whether it can search for two metrics at once."""
    numeric_only: ClassVar[bool] = False
    """Whether it needs a space without choices and conditions."""
    finite_only: ClassVar[bool] = False
    """Whether it needs a space with a finite number of settings."""
    early_stopping: ClassVar[bool] = True
    """Whether it gets anywhere where most trials are stopped before their own end."""
    learns_from_stopped: ClassVar[bool] = True
    """Whether it makes use of what a stopped trial scored."""
    replays: ClassVar[bool] = False
    """Whether it keeps notes on trials, so that a rebuilt study must ask for them again."""
    learns: ClassVar[bool] = True
    """Whether its proposals depend on the results."""
    failed_as: ClassVar[Literal["infeasible", "worst"]] = "worst"
    """How a trial that failed is told, so that it is learned from: see `core.optuna_view`."""

    def check(self) -> None:
        """Find out, before a study starts, whether this sampler can be had.

        Raises:
            CodeError: it is somebody's own code, and cannot be imported.
        """

    def build(self, ask: SamplerContext) -> "BaseSampler":
        """The Optuna sampler that makes this one proposal."""
        raise NotImplementedError
