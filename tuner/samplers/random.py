"""Random search."""

from typing import TYPE_CHECKING, ClassVar, Literal

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class Random(Sampler):
    """Independent draws (Bergstra and Bengio 2012): the yardstick for all other samplers."""

    type: Literal["random"] = "random"

    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return Optuna's RandomSampler."""
        from optuna.samplers import RandomSampler

        return RandomSampler(seed=context.seed)
