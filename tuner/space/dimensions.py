"""A dimension of the space: a range of numbers or a choice of values, told apart by its keys."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from sr_models.frozen import FrozenConfig
from tuner.space.choice import Choice
from tuner.space.range import Range

_RANGE, _CHOICE = "{low, high}", "{choice}"  # pydantic puts these tags into the locations of errors


def _variant(data: Any) -> str:
    """The tag of the kind of dimension that the keys belong to."""
    given = (
        data if isinstance(data, Mapping) else vars(data) if isinstance(data, FrozenConfig) else ()
    )
    return _RANGE if "choice" not in given and ("low" in given or "high" in given) else _CHOICE


def _shaped(data: Any) -> Any:
    """Refuse data that is no dimension at all, before its keys are looked at."""
    if not isinstance(data, Mapping | FrozenConfig):
        raise ValueError("must be {low: ..., high: ...} or {choice: [...]}")
    if isinstance(data, Mapping) and "choice" in data and {"low", "high"} & data.keys():
        raise ValueError("takes low and high, or choice, but not both")
    return data


Dimension = Annotated[
    Annotated[Range, Tag(_RANGE)] | Annotated[Choice, Tag(_CHOICE)],
    Discriminator(_variant),
    BeforeValidator(_shaped),
]
"""`{low, high}` with `log` or `step`, or `{choice: [...]}`; both may have `when`."""
