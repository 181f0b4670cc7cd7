"""Changes to configs as plain data, guided by the types of the config classes."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tuner.space import paths
from tuner.space.paths import MISSING
from tuner.space.schema import TAG, Spec, field_specs, tags, variant, variants
from tuner.space.written import plain, written


def put(spec: Spec, data: Any, path: str, value: Any) -> Any:
    """Return a copy of `data` with `value` at a dotted path; see `put_parts`."""
    return put_parts(spec, data, path.split("."), value)


def put_parts(spec: Spec, data: Any, parts: Sequence[str], value: Any) -> Any:
    """Return a copy of `data` with `value` under the last of `parts`, keys from the outside in.

    A section on the way that is not in `data` gets the `type` of its default. A section whose
    `type` is changed loses the keys that its new variant does not have.

    Args:
        spec: the type of the data (see `tuner.space.schema`).
        data: plain data.
        parts: the keys.
        value: the new value.
    """
    return _put([spec], data, list(parts), value)


def _put(found: list[Spec], data: Any, parts: list[str], value: Any) -> Any:
    """A copy of `data`, which belongs to one of the specs `found`, with `value` set in it."""
    if not parts:
        return value
    part, *rest = parts
    section = _section(found, data)
    if part == TAG and not rest:
        return paths.replace(_fitting(found, section, value), TAG, value)
    chosen = (variant(spec, section) for spec in found)
    active = next((kind for kind in chosen if kind), None)
    below = paths.child(section, part)
    if below is MISSING and rest:
        below = _default(active, part)
    return paths.replace(section, part, _put(_below(found, active, part), below, rest, value))


def _section(found: list[Spec], data: Any) -> Any:
    """The section for data that is only the name of a type; other data unchanged."""
    by_type = any(data in tags(kind) for spec in found for kind in variants(spec))
    return {TAG: data} if by_type else data


def _below(found: list[Spec], active: type[BaseModel] | None, part: str) -> list[Spec]:
    """The specs of the key `part`: in the active variant, or in all if that has no such key."""
    specs = field_specs(active, part) if active else []
    return specs or [inner for spec in found for inner in field_specs(spec, part)]


def _fitting(found: list[Spec], data: Any, tag: Any) -> Any:
    """The section without the keys that its variant `tag` does not have."""
    chosen = [kind for spec in found for kind in variants(spec) if tag in tags(kind)]
    if not isinstance(data, Mapping) or not chosen or data.get(TAG) == tag:
        return data
    return {key: item for key, item in data.items() if key in chosen[0].model_fields}


def _default(active: type[BaseModel] | None, part: str) -> Any:
    """The default of a key that is not in the data, as far as editing inside it needs it."""
    field: FieldInfo | None = active.model_fields.get(part) if active else None
    if field is None or field.is_required():
        return {}
    default = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, BaseModel):
        return written(default)
    if isinstance(default, list | tuple | dict):
        return plain(default)
    return {}
