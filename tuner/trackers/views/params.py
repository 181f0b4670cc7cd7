"""Settings for other tools: flat, by dotted path, with plain values."""

import json
from collections.abc import Mapping
from typing import Any

from tuner.trackers.secrets import scrub

Scalar = bool | int | float | str
"""A setting as other tools take it: lists are JSON, None is `null`."""


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Scalar]:
    """Return nested settings by dotted path, with values that every tool can hold."""
    flat: dict[str, Scalar] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = _plain(value)
    return flat


def nested(settings: Mapping[str, Scalar]) -> dict[str, Any]:
    """Return the opposite of `flatten`, for tools that join the levels with dots themselves."""
    config: dict[str, Any] = {}
    for path, value in settings.items():
        *parents, leaf = path.split(".")
        section = config
        for parent in parents:
            section = section.setdefault(parent, {})
        section[leaf] = value
    return config


def _plain(value: Any) -> Scalar:
    if isinstance(value, str):
        return scrub(value)
    return value if isinstance(value, bool | int | float) else scrub(json.dumps(value))
