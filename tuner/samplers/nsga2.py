"""Non-dominated sorting: the genetic algorithm for two metrics."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class Nsga2(Sampler):
    """NSGA-II (Deb et al. 2002), for studies with two metrics.

    Args:
        population: settings of one generation.
    """

    type: Literal["nsga2"] = "nsga2"
    population: int = Field(default=16, ge=2)

    multi_objective: ClassVar[bool] = True
    learns_from_stopped: ClassVar[bool] = False
    replays: ClassVar[bool] = True

    def build(self, ask: SamplerContext) -> "BaseSampler":
        """Optuna's NSGA-II sampler."""
        from optuna.samplers import NSGAIISampler

        return NSGAIISampler(seed=ask.seed, population_size=self.population)
