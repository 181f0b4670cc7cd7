"""Dotted paths into nested plain data: `optimizer.learning_rate`, `loss.terms.0.weight`."""

from collections.abc import Mapping
from typing import Any

MISSING: Any = object()
"""Returned by `get` if there is no value; None is a value."""


def get(data: Any, path: str) -> Any:
    """Return the value at `path`, or `MISSING`; the empty path is the whole."""
    for part in path.split(".") if path else ():
        data = child(data, part)
    return data


def child(data: Any, part: str) -> Any:
    """Return the value under a key or index, or `MISSING`."""
    if isinstance(data, Mapping):
        return data.get(part, MISSING)
    if isinstance(data, list | tuple) and part.isdecimal() and int(part) < len(data):
        return data[int(part)]
    return MISSING


def replace(data: Any, part: str, value: Any) -> Any:
    """Return a copy of `data` with `value` under a key or index; other data become a section."""
    if isinstance(data, list | tuple) and child(data, part) is not MISSING:
        index = int(part)
        return [*data[:index], value, *data[index + 1 :]]
    return {**(data if isinstance(data, Mapping) else {}), part: value}


def put(data: Any, path: str, value: Any) -> Any:
    """Return a copy of `data` with `value` at `path`; the empty path is the whole."""
    if not path:
        return value
    part, _, rest = path.partition(".")
    below = child(data, part)
    return replace(data, part, put({} if below is MISSING else below, rest, value))


def join(*parts: str) -> str:
    """Join the parts of a path, without the empty ones."""
    return ".".join(part for part in parts if part)


def parent(path: str) -> str:
    """Return the path of the section that holds `path`."""
    return path.rpartition(".")[0]


def inside(path: str, section: str) -> bool:
    """Return whether `path` is `section` or lies inside it."""
    return not section or path == section or path.startswith(f"{section}.")
