"""Reading config types: which keys a section has, which variants, and how to set one of them.

A `spec` is what a field is annotated with, without its metadata. A section is a config class or
a union of such classes (its variants), told apart by their `type`.
"""

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tuner.space import paths
from tuner.space.paths import MISSING

TAG = "type"
"""The key that tells variants apart."""

Spec = Any


def options(spec: Spec) -> tuple[Spec, ...]:
    """What a spec allows: the members of a union, or itself."""
    if hasattr(spec, "__value__"):  # a `type X = ...` statement
        return options(spec.__value__)
    if _origin(spec) is Annotated:
        return options(get_args(spec)[0])
    if _origin(spec) in (Union, types.UnionType):
        return tuple(option for member in get_args(spec) for option in options(member))
    return (spec,)


def variants(spec: Spec) -> tuple[type[BaseModel], ...]:
    """The config classes that a spec allows."""
    return tuple(
        option
        for option in options(spec)
        if isinstance(option, type) and issubclass(option, BaseModel)
    )


def tags(variant: type[BaseModel]) -> tuple[Any, ...]:
    """The values of `type` that mean this variant; none where it is the only one."""
    field = variant.model_fields.get(TAG)
    if field is None:
        return ()
    return tuple(
        value
        for option in options(field.annotation)
        if _origin(option) is Literal
        for value in get_args(option)
    )


def all_tags(spec: Spec) -> list[Any]:
    """The values of `type` of all variants that a spec allows."""
    return [tag for one in variants(spec) for tag in tags(one)]


def variant(spec: Spec, data: Any) -> type[BaseModel] | None:
    """The config class that `data` is meant for; None where that cannot be told."""
    candidates = variants(spec)
    if len(candidates) < 2:
        return next(iter(candidates), None)
    tag = paths.child(data, TAG)
    return next((one for one in candidates if tag in tags(one)), None)


def field_specs(spec: Spec, part: str) -> list[Spec]:
    """What may stand under the key or index `part`, in any variant; empty where nothing may."""
    found = [
        one.model_fields[part].annotation for one in variants(spec) if part in one.model_fields
    ]
    return found + [item for option in options(spec) for item in _items(option, part)]


def specs(spec: Spec, path: str) -> list[Spec]:
    """What may stand at a dotted path, in any combination of variants."""
    found = [spec]
    for part in path.split(".") if path else ():
        found = [inner for outer in found for inner in field_specs(outer, part)]
    return found


def owners(spec: Spec, path: str) -> list[type[BaseModel]]:
    """The variants of the section around `path` that have its key."""
    section, _, key = path.rpartition(".")
    return [
        one for found in specs(spec, section) for one in variants(found) if key in one.model_fields
    ]


def keys(spec: Spec, path: str) -> list[str]:
    """All keys that the section at `path` may have, in any variant."""
    found = [
        key for one in specs(spec, path) for item in variants(one) for key in item.model_fields
    ]
    return list(dict.fromkeys(found))


def all_paths(spec: Spec, prefix: str = "", depth: int = 6) -> list[str]:
    """The dotted paths of all keys in all variants, down to `depth`."""
    found: dict[str, None] = {}
    for one in variants(spec) if depth else ():
        for key, field in one.model_fields.items():
            path = paths.join(prefix, key)
            found |= dict.fromkeys([path, *all_paths(field.annotation, path, depth - 1)])
    return list(found)


def takes_fractions(spec: Spec, path: str) -> bool:
    """Whether numbers with a fraction may stand at a path."""
    return any(option is float for found in specs(spec, path) for option in options(found))


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
    return {key: values[key] for key in fields if values[key] is not MISSING}


def _origin(spec: Spec) -> Any:
    return get_origin(spec)


def _written(value: Any, plain: Any, is_set: bool) -> Any:
    if isinstance(value, BaseModel):
        return written(value)
    if not is_set:
        return MISSING
    if isinstance(value, Sequence) and any(isinstance(item, BaseModel) for item in value):
        return [_written(item, one, True) for item, one in zip(value, plain, strict=True)]
    return plain


def _items(option: Spec, part: str) -> Iterator[Spec]:
    """What may stand under `part` of a list, tuple or mapping type."""
    arguments = get_args(option)
    kind = _origin(option)
    if kind in (list, tuple, Sequence) and part.isdecimal():
        several = kind is tuple and arguments[-1] is not Ellipsis
        if not several:
            yield arguments[0]
        elif int(part) < len(arguments):
            yield arguments[int(part)]
    elif kind in (dict, Mapping):
        yield arguments[1]


def _put(found: list[Spec], data: Any, parts: list[str], value: Any) -> Any:
    if not parts:
        return value
    part, *rest = parts
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
