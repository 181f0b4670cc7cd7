"""The base class of all configs: immutable, without unknown keys, and finite."""

from pydantic import BaseModel, ConfigDict


class FrozenConfig(BaseModel):
    """A config that cannot change, allows no unknown keys, and holds no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
