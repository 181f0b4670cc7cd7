"""Every setting of a finite space, in order."""

from typing import TYPE_CHECKING, ClassVar, Literal

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class Grid(Sampler):
    """Goes through a finite space (choices, and ranges with a step), conditions included."""

    type: Literal["grid"] = "grid"

    multi_objective: ClassVar[bool] = True
    finite_only: ClassVar[bool] = True
    learns: ClassVar[bool] = False

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return a sampler that answers with the next setting that has not been tried."""
        from optuna.samplers import PartialFixedSampler, RandomSampler

        assert context.unseen is not None, "the caller checks for an exhausted space"
        return PartialFixedSampler(dict(context.unseen), RandomSampler(seed=context.seed))
