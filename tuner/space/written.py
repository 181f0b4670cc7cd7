"""A config as the plain data that a person would have written."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from tuner.space.paths import MISSING
from tuner.space.schema import TAG


def written(config: BaseModel) -> dict[str, Any]:
    """Return the config as plain data without values that are only defaults; each `type` stays."""
    plain = config.model_dump(mode="json")
    fields = type(config).model_fields
    values = {
        key: _written(getattr(config, key), plain[key], key in config.model_fields_set)
        for key in fields
    }
    if TAG in plain:
        values[TAG] = plain[TAG]
    found = {key: values[key] for key in fields if values[key] is not MISSING}
    return found | {key: plain[key] for key in config.model_extra or {}}


def _written(value: Any, plain: Any, is_set: bool) -> Any:
    if isinstance(value, BaseModel):
        return written(value)
    if not is_set:
        return MISSING
    if isinstance(value, Sequence) and any(isinstance(item, BaseModel) for item in value):
        return [_written(item, dumped, True) for item, dumped in zip(value, plain, strict=True)]
    return plain


def plain(value: Any) -> Any:
    """Return any default as plain data, with configs inside lists and mappings converted too."""
    if isinstance(value, BaseModel):
        return written(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
