"""Scrambled Sobol points: random search without its gaps and clusters."""

from typing import TYPE_CHECKING, ClassVar, Literal

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class QuasiRandom(Sampler):
    """Point n of a scrambled Sobol sequence (Bergstra and Bengio 2012, section 2.2).

    Each dimension of the space has its own coordinate, conditional ones too, so a space with
    conditions is covered evenly as well (Optuna's own QMCSampler leaves those to chance).
    """

    type: Literal["quasi_random"] = "quasi_random"

    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False

    def build(self, ask: SamplerContext) -> "BaseSampler":
        """A sampler whose every answer is a coordinate of point `ask.index`."""
        from tuner.samplers.sobol import SobolPoint

        return SobolPoint(index=ask.index, seed=self.seed, names=list(ask.distributions))
