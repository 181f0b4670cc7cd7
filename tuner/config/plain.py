"""Sections of a study that are given as Python objects, as the plain data of a study file."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sr_models.errors import UserError
from tuner.config.study import DeclaredMetric
from tuner.objectives.metric import Metric

_SET, _REPORTED = "set", "reported"


def plain(value: Any) -> Any:
    """Return a config, a metric, or any nesting of them, as a study file holds it.

    Raises:
        UserError: a file cannot hold it.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(item) for item in value]
    return _leaf(value)


def typed(value: Any) -> Any:
    """Return a section with a `type`; the type alone stands for the section."""
    return {"type": value} if isinstance(value, str) else plain(value)


def baseline(value: Any) -> Any:
    """Return a baseline; its params alone stand for it."""
    found = plain(value)
    if isinstance(found, dict) and not found.keys() <= {_SET, _REPORTED}:
        return {_SET: found}
    return found


def _leaf(value: Any) -> Any:
    """A value that is neither a list nor a mapping."""
    if isinstance(value, BaseModel):
        return plain({key: getattr(value, key) for key in _said(value)})
    if isinstance(value, Metric):
        return _metric(value)
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # a number or an array of numpy, torch or pandas
        return plain(value.tolist())
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise UserError(
        f"{value!r} is not a plain value: a study holds numbers, text, booleans, lists and "
        "dictionaries; give it a name, and look that up in the objective"
    )


def _said(config: BaseModel) -> list[str]:
    """The keys that were set, and `type`."""
    names = [*type(config).model_fields, *(config.model_extra or {})]
    return [name for name in names if name == "type" or name in config.model_fields_set]


def _metric(metric: Metric) -> Any:
    """Its name alone if it says no more, so that the objective's description is used."""
    given = {
        field.name: value
        for field in fields(metric)
        if (value := getattr(metric, field.name)) != field.default
    }
    if given.keys() == {"name"}:
        return metric.name
    if only := sorted(given.keys() - DeclaredMetric.model_fields.keys()):
        raise UserError(
            f"metric {metric.name}: {', '.join(only)} can only be set in the metrics of a "
            "tuner.Objective"
        )
    return given
