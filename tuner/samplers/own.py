"""A sampler of one's own, or one of Optuna's others, by the name of its class."""

from typing import TYPE_CHECKING, ClassVar, Literal

from sr_models.errors import CodeError
from sr_models.own_code import OwnPart
from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class OwnSampler(OwnPart, Sampler):
    """A sampler that no file of this package knows, such as `optuna.samplers:PartialFixedSampler`.

    `code` takes `args` and, if it draws anything, `seed`, and makes an Optuna sampler. It is made
    anew for each proposal (see `SamplerContext`): what it remembers must be in Optuna's study.
    """

    type: Literal["own"] = "own"

    multi_objective: ClassVar[bool] = True
    replays: ClassVar[bool] = True

    def check(self) -> None:
        """Make one, to see that it can be.

        Raises:
            CodeError: the code cannot be imported, or makes no sampler.
        """
        self.build(SamplerContext(index=0, seed=self.seed))

    def build(self, ask: SamplerContext) -> "BaseSampler":
        """Call the code, with the seed of this proposal.

        Raises:
            CodeError: the code makes no Optuna sampler.
        """
        from optuna.samplers import BaseSampler

        made = self.call(seed=ask.seed) if self.takes("seed") else self.call()
        if not isinstance(made, BaseSampler):
            raise CodeError(f"{self.code} makes {type(made).__name__}, no optuna BaseSampler")
        return made
