"""The base class of sampler configs, and the context of a proposal."""

from abc import abstractmethod
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
    """What a sampler is told for a proposal.

    A sampler is built anew for each proposal and draws from `seed` alone. So a proposal depends
    only on the study's seed, its place in the sequence and the trials known so far: a study that
    was killed and resumed proposes what it would have proposed.
    """

    index: int  # 0, 1, ... over all proposals of the study, rejected ones included
    seed: int  # derived from the study's seed and the index
    distributions: Mapping[str, "BaseDistribution"] = field(default_factory=dict)
    unseen: Mapping[str, Any] | None = None  # grid: the next setting, as Optuna gets it


class Sampler(FrozenConfig):
    """Settings that every sampler has.

    Args:
        seed: two studies with the same file, seed and a single worker propose the same settings.
    """

    seed: int = Field(default=0, ge=0, lt=2**31)

    multi_objective: ClassVar[bool] = False
    """Whether it can search for two metrics at once."""
    numeric_only: ClassVar[bool] = False
    """Whether it needs a space without choices and conditions."""
    finite_only: ClassVar[bool] = False
    """Whether it needs a space with a finite number of settings."""
    early_stopping: ClassVar[bool] = True
    """Whether it works where most trials are stopped before their own end."""
    learns_from_stopped: ClassVar[bool] = True
    """Whether it uses the values of stopped trials."""
    replays: ClassVar[bool] = False
    """Whether it stores attributes on trials, so that a restored study must repeat proposals."""
    learns: ClassVar[bool] = True
    """Whether its proposals depend on the results."""
    models_values: ClassVar[bool] = False
    """Whether it models the values themselves, not their order: one that is huge hides the rest."""
    failed_as: ClassVar[Literal["infeasible", "worst"]] = "worst"
    """How it is told of a failed trial, so that it learns from it: see `core.optuna_view`."""

    def check(self) -> None:
        """Check, before a study starts, that this sampler can be built.

        Raises:
            CodeError: it is the user's own code and cannot be imported.
        """

    @abstractmethod
    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return the Optuna sampler for this proposal.

        Args:
            context: the proposal; all randomness must come from its `seed`.
        """
