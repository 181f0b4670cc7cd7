"""The base of every config: immutable, closed to unknown keys, and finite."""

from pydantic import BaseModel, ConfigDict


class FrozenConfig(BaseModel):
    """A config that cannot change, knows all its keys, and holds no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
