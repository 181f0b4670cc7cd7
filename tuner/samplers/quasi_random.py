"""Scrambled Sobol points: random search without its gaps and clusters."""

from typing import TYPE_CHECKING, ClassVar, Literal

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class QuasiRandom(Sampler):
    """Point n of a scrambled Sobol sequence (Bergstra and Bengio 2012, section 2.2).

    Each dimension of the space has its own coordinate, also if it is conditional, so a space with
    conditions is covered evenly too (Optuna's QMCSampler leaves conditional dimensions to chance).
    """

    type: Literal["quasi_random"] = "quasi_random"

    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return a sampler that answers with the coordinates of point `context.index`."""
        from tuner.samplers.sobol import SobolPoint

        return SobolPoint(index=context.index, seed=self.seed, names=list(context.distributions))
