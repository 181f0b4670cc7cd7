"""Changing configs as plain data, by what their config types say."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tuner.space import paths
from tuner.space.paths import MISSING
from tuner.space.schema import TAG, Spec, field_specs, tags, variant, variants


def put(spec: Spec, data: Any, path: str, value: Any) -> Any:
    """A copy of `data` with `value` at a dotted path: see `put_parts`."""
    return put_parts(spec, data, path.split("."), value)


def put_parts(spec: Spec, data: Any, parts: Sequence[str], value: Any) -> Any:
    """A copy of `data` with `value` under the last of `parts`, keys from the outside in.

    Sections on the way that are not written get their defaults' `type`. A section whose `type`
    is changed loses the keys that the new variant does not have.
    """
    return _put([spec], data, list(parts), value)


def written(config: BaseModel) -> dict[str, Any]:
    """The config as plain data, without what is only a default; every `type` is kept."""
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
        return [_written(item, one, True) for item, one in zip(value, plain, strict=True)]
    return plain


def _put(found: list[Spec], data: Any, parts: list[str], value: Any) -> Any:
    if not parts:
        return value
    part, *rest = parts
    if any(data in tags(one) for spec in found for one in variants(spec)):
        data = {TAG: data}  # some sections may be given by their type alone
    active = next((one for one in (variant(spec, data) for spec in found) if one), None)
    if part == TAG and not rest:
        return paths.replace(_fitting(found, data, value), TAG, value)
    inner = field_specs(active, part) if active else []
    if not inner:
        inner = [one for spec in found for one in field_specs(spec, part)]
    below = paths.child(data, part)
    if below is MISSING and rest:
        below = _default(active, part)
    return paths.replace(data, part, _put(inner, below, rest, value))


def _fitting(found: list[Spec], data: Any, tag: Any) -> Any:
    """The section without the keys that its variant `tag` does not have."""
    chosen = [one for spec in found for one in variants(spec) if tag in tags(one)]
    if not isinstance(data, Mapping) or not chosen or data.get(TAG) == tag:
        return data
    return {key: item for key, item in data.items() if key in chosen[0].model_fields}


def _default(active: type[BaseModel] | None, part: str) -> Any:
    """What a section holds under a key that is not written, as far as it must be."""
    field: FieldInfo | None = active.model_fields.get(part) if active else None
    if field is None or field.is_required():
        return {}
    default = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, BaseModel):
        return written(default)
    if isinstance(default, list | tuple | dict):
        return _plain(default)
    return {}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return written(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
