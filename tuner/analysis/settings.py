"""The settings of a trial, and whether two settings are the same."""

import json
from collections.abc import Mapping
from typing import Any

from tuner.records import TrialRecord


def setting(trial: TrialRecord, path: str) -> Any:
    """Return the value at a dotted path: the trial's own value, else its config's default."""
    if path in trial.params:
        return trial.params[path]
    return _at(trial.config, path)


def is_null(trial: TrialRecord, path: str) -> bool:
    """Return whether a trial has null at a dotted path, which is a value like any other."""
    if path in trial.params:
        return trial.params[path] is None
    above, _, key = path.rpartition(".")
    inside = _at(trial.config, above) if above else trial.config
    return isinstance(inside, Mapping) and key in inside and inside[key] is None


def section(trial: TrialRecord, path: str) -> Any:
    """Return the value at a path, or all values of a section by path, the trial's own included."""
    value = _at(trial.config, path)
    found = dict(flatten(value, f"{path}.")) if isinstance(value, Mapping) else {path: value}
    set_here = {
        key: value
        for key, value in trial.params.items()
        if key == path or key.startswith(f"{path}.")
    }
    return found | set_here


def planned_epochs(trial: TrialRecord) -> int | None:
    """Return the epochs that a trial was to train: its `max_epochs`; None if it has none."""
    found = [v for path, v in flatten(trial.config).items() if path.split(".")[-1] == "max_epochs"]
    return found[0] if len(found) == 1 and isinstance(found[0], int) else None


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a nested config as dotted path -> value."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            found |= flatten(value, f"{path}.")
        else:
            found[path] = value
    return found


def canonical(value: Any) -> str:
    """Return equal text for values that mean the same setting (1 and 1.0, tuple and list)."""
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, sort_keys=True, default=str)


def _at(config: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(config, Mapping) or key not in config:
            return None
        config = config[key]
    return config
