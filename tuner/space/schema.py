"""Reading config types: the keys and variants of a section, and the keys of a variant.

A `spec` is the annotation of a field without its metadata. A section is a config class, or a union
of config classes (its variants), which are told apart by their `type`.
"""

import json
import types
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from tuner.space import paths

TAG = "type"
"""The key that tells variants apart."""

Spec = Any


def options(spec: Spec) -> tuple[Spec, ...]:
    """Return the alternatives of a spec: the members of a union, or the spec itself."""
    try:
        return _known_options(spec)
    except TypeError:  # metadata that cannot be looked up
        return _options(spec)


def _options(spec: Spec) -> tuple[Spec, ...]:
    if hasattr(spec, "__value__"):  # a `type X = ...` statement
        return options(spec.__value__)
    if _origin(spec) is Annotated:
        return options(get_args(spec)[0])
    if _origin(spec) in (Union, types.UnionType):
        return tuple(option for member in get_args(spec) for option in options(member))
    return (spec,)


_known_options = lru_cache(maxsize=4096)(_options)


def variants(spec: Spec) -> tuple[type[BaseModel], ...]:
    """Return the config classes that a spec allows."""
    return tuple(
        option
        for option in options(spec)
        if isinstance(option, type) and issubclass(option, BaseModel)
    )


@lru_cache(maxsize=1024)
def tags(variant: type[BaseModel]) -> tuple[Any, ...]:
    """Return the values of `type` that mean this variant; none if it needs no `type`."""
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
    """Return the values of `type` of all variants that a spec allows."""
    return [tag for option in variants(spec) for tag in tags(option)]


def variant(spec: Spec, data: Any) -> type[BaseModel] | None:
    """Return the config class that `data` belongs to; None if that cannot be told."""
    candidates = variants(spec)
    if len(candidates) < 2:
        return next(iter(candidates), None)
    tag = paths.child(data, TAG)
    return next((candidate for candidate in candidates if tag in tags(candidate)), None)


def field_specs(spec: Spec, part: str) -> list[Spec]:
    """Return the specs of the key or index `part` in all variants; empty if none has it."""
    found = [
        option.model_fields[part].annotation if part in option.model_fields else Any
        for option in variants(spec)
        if part in option.model_fields or option.model_config.get("extra") == "allow"
    ]
    return found + [item for option in options(spec) for item in _items(option, part)]


def specs(spec: Spec, path: str) -> list[Spec]:
    """Return the specs at a dotted path, in all combinations of variants."""
    found = [spec]
    for part in path.split(".") if path else ():
        found = [inner for outer in found for inner in field_specs(outer, part)]
    return found


def owners(spec: Spec, path: str) -> list[type[BaseModel]]:
    """Return the variants of the section around `path` that have its key."""
    section, _, key = path.rpartition(".")
    return [
        owner
        for found in specs(spec, section)
        for owner in variants(found)
        if key in owner.model_fields
    ]


def keys(spec: Spec, path: str) -> list[str]:
    """Return all keys that the section at `path` may have, in any variant."""
    found = [
        key
        for found in specs(spec, path)
        for owner in variants(found)
        for key in owner.model_fields
    ]
    return list(dict.fromkeys(found))


def all_paths(spec: Spec, prefix: str = "", depth: int = 6) -> list[str]:
    """Return the dotted paths of all keys in all variants, down to `depth`."""
    found: dict[str, None] = {}
    for option in variants(spec) if depth else ():
        for key, field in option.model_fields.items():
            path = paths.join(prefix, key)
            found |= dict.fromkeys([path, *all_paths(field.annotation, path, depth - 1)])
    return list(found)


def takes_fractions(spec: Spec, path: str) -> bool:
    """Return whether numbers at a path are always fractional.

    They are not if whole numbers mean something else there, or if any value is allowed.
    """
    return any(float in options(found) and int not in options(found) for found in specs(spec, path))


def takes(spec: Spec, path: str, value: Any) -> bool:
    """Return whether a value has a type that is allowed at a path; bounds are not checked."""
    section, _, key = path.rpartition(".")
    if key == TAG and any(all_tags(option) for option in specs(spec, section)):
        return any(value in all_tags(option) for option in specs(spec, section))
    return any(_fits(option, value) for option in specs(spec, path))


def _fits(spec: Spec, value: Any) -> bool:
    try:
        TypeAdapter(spec).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return False
    return True


def _origin(spec: Spec) -> Any:
    return get_origin(spec)


def _items(option: Spec, part: str) -> Iterator[Spec]:
    """The specs of `part` in a list, tuple or mapping type."""
    arguments = get_args(option)
    kind = _origin(option)
    if option is Any:
        yield Any
    elif kind in (list, tuple, Sequence) and part.isdecimal():
        several = kind is tuple and arguments[-1] is not Ellipsis
        if not several:
            yield arguments[0]
        elif int(part) < len(arguments):
            yield arguments[int(part)]
    elif kind in (dict, Mapping):
        yield arguments[1]
