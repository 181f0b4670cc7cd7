"""The user's own sampler, or any of Optuna's, by the name of its class."""

from typing import TYPE_CHECKING, ClassVar, Literal

from sr_models.errors import CodeError
from sr_models.own_code import OwnPart
from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class OwnSampler(OwnPart, Sampler):
    """A sampler that this package does not know, such as `optuna.samplers:PartialFixedSampler`.

    `code` is called with `args` and, if it draws anything, `seed`, and returns an Optuna sampler.
    It is called anew for each proposal (see `SamplerContext`), so what the sampler has to remember
    must be in Optuna's study.
    """

    type: Literal["own"] = "own"

    multi_objective: ClassVar[bool] = True
    replays: ClassVar[bool] = True

    def check(self) -> None:
        """Build the sampler once, to find errors early.

        Raises:
            CodeError: the code cannot be imported, or returns no sampler.
        """
        self.build(SamplerContext(index=0, seed=self.seed))

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Call the code, with the seed of this proposal.

        Raises:
            CodeError: the code returns no Optuna sampler.
        """
        from optuna.samplers import BaseSampler

        made = self.call(seed=context.seed) if self.takes("seed") else self.call()
        if not isinstance(made, BaseSampler):
            raise CodeError(f"{self.code} returns {type(made).__name__}, not an optuna BaseSampler")
        return made
