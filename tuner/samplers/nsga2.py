"""NSGA-II, a genetic algorithm for two metrics."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class Nsga2(Sampler):
    """NSGA-II (Deb et al. 2002), for studies with two metrics.

    Args:
        population: settings per generation.
    """

    type: Literal["nsga2"] = "nsga2"
    population: int = Field(default=16, ge=2)

    multi_objective: ClassVar[bool] = True
    learns_from_stopped: ClassVar[bool] = False
    replays: ClassVar[bool] = True

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return Optuna's NSGAIISampler."""
        from optuna.samplers import NSGAIISampler

        return NSGAIISampler(seed=context.seed, population_size=self.population)
