"""Comparing plain values, and writing them down in a canonical form."""

import json
from collections.abc import Hashable, Mapping
from typing import Any

Scalar = str | int | float | bool | None


def canonical(value: Any) -> str:
    """Return JSON that is equal for equal values; it is used to compare and store them."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def same(left: Any, right: Any) -> bool:
    """Return whether two plain values mean the same: 1 is 1.0, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def identity(value: Any) -> Hashable:
    """Return a hashable that is equal exactly for values that are the `same`."""
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, list | tuple):
        return list, tuple(map(identity, value))
    if isinstance(value, Mapping):
        return dict, frozenset((key, identity(item)) for key, item in value.items())
    return value if isinstance(value, Hashable) else repr(value)
