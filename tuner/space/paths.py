"""Dotted paths into nested plain data: `optimizer.learning_rate`, `loss.terms.0.weight`."""

from collections.abc import Mapping
from typing import Any

MISSING: Any = object()
"""What `get` returns where there is nothing; None is a value."""


def get(data: Any, path: str) -> Any:
    """The value at `path`, or `MISSING`; the empty path is the whole."""
    for part in path.split(".") if path else ():
        data = child(data, part)
    return data


def child(data: Any, part: str) -> Any:
    """The value under one key or index, or `MISSING`."""
    if isinstance(data, Mapping):
        return data.get(part, MISSING)
    if isinstance(data, list | tuple) and part.isdecimal() and int(part) < len(data):
        return data[int(part)]
    return MISSING


def replace(data: Any, part: str, value: Any) -> Any:
    """A copy of `data` with `value` under one key or index; what is no section becomes one."""
    if isinstance(data, list | tuple) and child(data, part) is not MISSING:
        index = int(part)
        return [*data[:index], value, *data[index + 1 :]]
    return {**(data if isinstance(data, Mapping) else {}), part: value}


def put(data: Any, path: str, value: Any) -> Any:
    """A copy of `data` with `value` at `path`; the empty path is the whole."""
    if not path:
        return value
    part, _, rest = path.partition(".")
    below = child(data, part)
    return replace(data, part, put({} if below is MISSING else below, rest, value))


def join(*parts: str) -> str:
    """A path of parts, of which some may be empty."""
    return ".".join(part for part in parts if part)


def parent(path: str) -> str:
    """The section that holds `path`."""
    return path.rpartition(".")[0]


def inside(path: str, section: str) -> bool:
    """Whether `path` is `section` or lies in it."""
    return not section or path == section or path.startswith(f"{section}.")
