"""The smallest objective: a function `train(params, trial)` that yields metrics."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sr_models.frozen import FrozenConfig
from tuner.objectives.base import BaseObjective
from tuner.objectives.errors import ObjectiveError
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

    @model_validator(mode="after")
    def _finite(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            if not _is_finite(value):
                rule = "must be finite, for JSON knows neither NaN nor infinity"
                raise PydanticCustomError("field_error", "{rule}", {"key": name, "rule": rule})
        return self


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


def in_sections(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return params with those whose names have dots in sections, as a search has them.

    Raises:
        ObjectiveError: there is something else at such a place; the names.
    """
    found = {name: value for name, value in given.items() if not _is_dotted(name)}
    for name in filter(_is_dotted, given):
        *sections, last = name.split(".")
        place = found
        for section in sections:
            inner = place.get(section, {})
            if not isinstance(inner, Mapping):
                raise ObjectiveError(f"{name} would lie in {section}, which is no section")
            place[section] = place = dict(inner)
        if last in place:
            raise ObjectiveError(f"{name} is given twice")
        place[last] = given[name]
    return found


def _is_dotted(name: str) -> bool:
    return "." in name.strip(".")


def _is_finite(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
