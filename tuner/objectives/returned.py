"""The values that training code returns and yields, checked and converted to plain values."""

import json
from collections.abc import Mapping
from contextlib import suppress
from operator import index
from typing import Any

from tuner.objectives.errors import ObjectiveError

EPOCH = "epoch"
"""A key that may be yielded but is no metric: the number of the epoch, which is checked."""


def epoch_metrics(found: Any, epoch: int) -> dict[str, float]:
    """Return what was yielded after an epoch, as plain numbers.

    Raises:
        ObjectiveError: it is not a dictionary of numbers, or belongs to another epoch.
    """
    if not isinstance(found, Mapping):
        raise ObjectiveError(
            f"epoch {epoch} yields {found!r}; it must be a dictionary: name of a metric -> number"
        )
    metrics = numbers(found, f"epoch {epoch}")
    said = metrics.pop(EPOCH, epoch)
    if said != epoch:
        raise ObjectiveError(
            f"epoch {said:g} was yielded where epoch {epoch} was due: epochs are counted from 1, "
            "and continue with trial.epoch + 1"
        )
    return metrics


def numbers(found: Any, where: str) -> dict[str, float]:
    """Return metrics by name, as plain numbers.

    Args:
        found: what the code has returned.
        where: the name of the code, for messages.

    Raises:
        ObjectiveError: it is not a dictionary of numbers.
    """
    if not isinstance(found, Mapping):
        raise ObjectiveError(
            f"{where} returned {found!r}; it must be a dictionary: name of a metric -> number"
        )
    return {name: _number(name, value, where) for name, value in found.items()}


def prepared(found: Any, where: str) -> dict[str, Any]:
    """Return what all trials share; empty if nothing was returned.

    Raises:
        ObjectiveError: the study cannot store it.
    """
    if found is None:
        return {}
    try:
        if not isinstance(found, Mapping):
            raise TypeError("it must be a dictionary")
        json.dumps(dict(found))
    except (TypeError, ValueError) as error:
        raise ObjectiveError(
            f"{where} returned what a study cannot keep ({error}): numbers, text, true and false, "
            "lists and dictionaries; keep all else in files in the folder that it is given"
        ) from error
    return dict(found)


def length(found: Any, where: str) -> int | None:
    """Return how many epochs a trial has; None if that was not returned.

    Raises:
        ObjectiveError: it is not such a number.
    """
    if found is None:
        return None
    with suppress(TypeError):
        if not isinstance(found, bool) and (epochs := index(found)) >= 1:
            return epochs
    raise ObjectiveError(f"{where} returned {found!r}; it must be a whole number from 1, or None")


def _number(name: Any, value: Any, where: str) -> float:
    if not isinstance(name, str):
        raise ObjectiveError(f"{where}: the name of a metric must be text, not {name!r}")
    if not name:
        raise ObjectiveError(f"{where}: {value!r} has an empty name; each metric needs one")
    try:
        # numbers of numpy, torch and the like too, and arrays that hold a single number
        plain = value.item() if hasattr(value, "item") else value
        if isinstance(plain, str | bytes | bool):
            raise TypeError
        return float(plain)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ObjectiveError(f"{where}: {name} is {value!r}, which is not a number") from None
