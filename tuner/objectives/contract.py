"""The contract of training code, checked before any trial runs."""

import inspect
from typing import Any

from sr_models.frozen import FrozenConfig
from tuner.objectives.base import BaseObjective
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.metric import Metric

_METHODS = [name for name, member in vars(BaseObjective).items() if inspect.isfunction(member)]
"""The methods that a class may override."""


def require_whole(training: BaseObjective, name: str) -> None:
    """Check that a class declares what it must, and with the right types.

    Raises:
        ObjectiveError: it does not.
    """
    config = getattr(training, "config_type", None)
    if not (inspect.isclass(config) and issubclass(config, FrozenConfig)):
        raise ObjectiveError(f"{name} has no config_type that is a subclass of tuner.Config")
    _require_tuple(training, name, "metrics", Metric, '(tuner.Metric("loss", "minimize"),)')
    _require_tuple(training, name, "keeps_weights", str, '("lr",)')
    _require_tuple(training, name, "fingerprinted", str, '("data",)')
    for method in _METHODS:
        _require_method(training, name, method)
    _require_plain(training.train, f"{name}.train")


def require_fitting(function: Any, name: str) -> None:
    """Check that a function can be called with (params, trial).

    Raises:
        ObjectiveError: it cannot.
    """
    _require_plain(function, name)
    try:
        inspect.signature(function).bind({}, None)
    except TypeError as error:
        raise ObjectiveError(
            f"{name} must take two arguments, the params of a trial and the trial ({error})"
        ) from error
    except ValueError:  # some builtins have no signature
        return


def _require_tuple(
    training: BaseObjective, name: str, attribute: str, kind: type, example: str
) -> None:
    declared = getattr(training, attribute)
    if not isinstance(declared, list | tuple) or not all(isinstance(v, kind) for v in declared):
        what = "text" if kind is str else f"tuner.{kind.__name__}"
        raise ObjectiveError(
            f"{name} has {attribute} = {declared!r}; it must be a tuple of {what}, such as "
            f"{example}"
        )


def _require_method(training: BaseObjective, name: str, method: str) -> None:
    """Check that a method can be called as `BaseObjective` says."""
    _, *parameters = inspect.signature(getattr(BaseObjective, method)).parameters.values()
    by_name = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    by_place = [p.name for p in parameters if p.name not in by_name]
    try:
        signature = inspect.signature(getattr(training, method))
        signature.bind(*by_place, **dict.fromkeys(by_name))
    except TypeError as error:
        arguments = ", ".join([*by_place, *(f"{keyword}=" for keyword in by_name)])
        raise ObjectiveError(f"{name}.{method} must take ({arguments}): {error}") from error


def _require_plain(function: Any, name: str) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ObjectiveError(
            f"{name} is async, and would never run: write def, and asyncio.run inside of it"
        )
