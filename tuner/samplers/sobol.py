"""A point of a Sobol sequence as an Optuna sampler."""

import math
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial
from scipy.stats import qmc


class SobolPoint(BaseSampler):
    """Proposes point `index` (from 0) of the sequence over the dimensions `names`."""

    def __init__(self, index: int, seed: int, names: list[str]) -> None:
        engine = qmc.Sobol(d=max(1, len(names)), scramble=True, rng=seed)
        if index:
            engine.fast_forward(index)
        self._point = dict(zip(names, engine.random(1)[0], strict=False))

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return nothing: every dimension is sampled independently, from its own coordinate."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing, see above."""
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return the value that the point's coordinate stands for."""
        return from_unit(float(self._point[param_name]), param_distribution)


def from_unit(unit: float, distribution: BaseDistribution) -> Any:
    """Map `unit`, in [0, 1), to a value of the distribution; all steps are equally likely."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[int(unit * len(distribution.choices))]
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    low, high, step = distribution.low, distribution.high, distribution.step
    if isinstance(distribution, IntDistribution) and distribution.log:
        edges = math.log(low - 0.5), math.log(high + 0.5)
        whole = round(math.exp(edges[0] + unit * (edges[1] - edges[0])))
        return min(max(whole, int(low)), int(high))
    if step is not None:
        value: float = low + step * int(unit * (round((high - low) / step) + 1))
        return int(value) if isinstance(distribution, IntDistribution) else min(value, high)
    if distribution.log:
        return math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
    return low + unit * (high - low)
