"""The tree-structured Parzen estimator."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class Tpe(Sampler):
    """TPE (Bergstra et al. 2011; Watanabe 2023): models good and bad settings separately.

    Args:
        startup_trials: random proposals before the model is trusted.
        candidates: settings drawn from the model; the best of them is proposed.
        multivariate: model all dimensions jointly (Falkner et al. 2018) instead of separately;
            conditional dimensions are grouped by which occur together. In
            benchmarks/search_efficiency.py separate models found better settings.
    """

    type: Literal["tpe"] = "tpe"
    startup_trials: int = Field(default=10, ge=1)
    candidates: int = Field(default=24, ge=1)
    multivariate: bool = False

    multi_objective: ClassVar[bool] = True
    failed_as: ClassVar[Literal["infeasible", "worst"]] = "infeasible"

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return Optuna's TPESampler with the constant liar.

        Running trials count as bad, so that parallel proposals spread out.
        """
        from optuna.samplers import TPESampler

        return TPESampler(
            seed=context.seed,
            n_startup_trials=self.startup_trials,
            n_ei_candidates=self.candidates,
            multivariate=self.multivariate,
            group=self.multivariate,
            constant_liar=True,
        )
