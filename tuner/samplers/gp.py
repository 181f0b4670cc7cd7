"""Gaussian-process Bayesian optimisation."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class Gp(Sampler):
    """A Gaussian process with expected improvement (Optuna's GPSampler).

    Strong with few numeric dimensions and few trials; a proposal takes about a second. It learns
    from trials that reached their own end, not from stopped trials.

    Args:
        startup_trials: random proposals before the model is trusted.
    """

    type: Literal["gp"] = "gp"
    startup_trials: int = Field(default=10, ge=1)

    multi_objective: ClassVar[bool] = True
    learns_from_stopped: ClassVar[bool] = False
    models_values: ClassVar[bool] = True

    def build(self, context: SamplerContext) -> "BaseSampler":
        """Return Optuna's GPSampler, which draws conditional dimensions at random."""
        from optuna.samplers import GPSampler

        return GPSampler(
            seed=context.seed, n_startup_trials=self.startup_trials, warn_independent_sampling=False
        )
