"""Dotted paths into nested plain data: `optimizer.learning_rate`, `loss.terms.0.weight`."""

from collections.abc import Mapping
from typing import Any

MISSING: Any = object()
"""What `get` returns where there is nothing; None is a value."""


def get(data: Any, path: str) -> Any:
    """The value at `path`, or `MISSING`."""
    for part in path.split("."):
        data = _child(data, part)
        if data is MISSING:
            return MISSING
    return data


def put(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of `data` with `value` at `path`; sections on the way are made where missing."""
    changed: dict[str, Any] = _put(data, path.split("."), value)
    return changed


def inside(path: str, section: str) -> bool:
    """Whether `path` is `section` or lies in it."""
    return path == section or path.startswith(f"{section}.")


def _child(data: Any, part: str) -> Any:
    if isinstance(data, Mapping):
        return data.get(part, MISSING)
    if isinstance(data, list | tuple) and part.isdecimal() and int(part) < len(data):
        return data[int(part)]
    return MISSING


def _put(data: Any, parts: list[str], value: Any) -> Any:
    if not parts:
        return value
    part, *rest = parts
    child = _child(data, part)
    changed = _put({} if child is MISSING else child, rest, value)
    if isinstance(data, list | tuple) and child is not MISSING:
        index = int(part)
        return [*data[:index], changed, *data[index + 1 :]]
    return {**(data if isinstance(data, Mapping) else {}), part: changed}
