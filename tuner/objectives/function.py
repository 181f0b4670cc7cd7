"""The smallest objective: a function `train(params, trial)` that yields metrics."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import ConfigDict, Field

from sr_models.frozen import FrozenConfig
from tuner.objectives.base import BaseObjective
from tuner.objectives.trial import Trial

Train = Callable[[dict[str, Any], Trial], Iterator[Mapping[str, float]]]
"""Takes the params of a trial and the trial itself; yields the metrics of each epoch."""


class FreeParams(FrozenConfig):
    """Params of any name and any plain value; two names have a meaning for the search as well.

    Args:
        max_epochs: epochs of a full trial; by default a trial ends when the function does.
        seed: the param that repeats of a trial change (see `tuner.confirm`).
    """

    model_config = ConfigDict(extra="allow")

    max_epochs: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=0)


class FunctionObjective(BaseObjective):
    """A training function as an objective.

    Args:
        function: see `Train`.
    """

    config_type: ClassVar[type[FrozenConfig]] = FreeParams

    def __init__(self, function: Train) -> None:
        self.function = function

    def params(self, config: FreeParams) -> dict[str, Any]:
        """Return the params that the study sets."""
        unset = {name for name in FreeParams.model_fields if getattr(config, name) is None}
        return config.model_dump(exclude=unset)

    def train(self, config: FreeParams, trial: Trial) -> Iterator[Mapping[str, float]]:
        """Call the function with the params as a dictionary."""
        return self.function(trial.params, trial)
