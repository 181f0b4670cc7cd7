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

    def build(self, ask: SamplerContext) -> "BaseSampler":
        """A sampler that answers with the next setting that was not tried."""
        from optuna.samplers import PartialFixedSampler, RandomSampler

        assert ask.unseen is not None, "a used-up space is noticed before a proposal is asked for"
        return PartialFixedSampler(dict(ask.unseen), RandomSampler(seed=ask.seed))
