"""Covariance matrix adaptation."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class CmaEs(Sampler):
    """CMA-ES (Hansen 2016) over numeric dimensions, for long studies without early stopping.

    Args:
        population: settings per generation; by default 4 + 3 ln(dimensions).
    """

    type: Literal["cmaes"] = "cmaes"
    population: int | None = Field(default=None, ge=3)

    numeric_only: ClassVar[bool] = True
    early_stopping: ClassVar[bool] = False  # a generation is made of trials that completed
    learns_from_stopped: ClassVar[bool] = False
    replays: ClassVar[bool] = True

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return Optuna's CmaEsSampler."""
        from optuna.samplers import CmaEsSampler

        return CmaEsSampler(
            seed=context.seed, popsize=self.population, warn_independent_sampling=False
        )
