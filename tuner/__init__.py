"""Search over the settings of a training: super-resolution models, or training code of your own.

This is the public API; each name is imported when it is first used, so that `import tuner` is fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sr_models.errors import UserError
    from sr_models.frozen import FrozenConfig as Config
    from tuner.api import load_study, search
    from tuner.objectives.base import BaseObjective as Objective
    from tuner.objectives.metric import Metric
    from tuner.objectives.trial import Trial
    from tuner.result import Study, TrialResult
    from tuner.searched import Choice, Float, Int

_HOMES = {
    "Choice": ("tuner.searched", "Choice"),
    "Config": ("sr_models.frozen", "FrozenConfig"),
    "Float": ("tuner.searched", "Float"),
    "Int": ("tuner.searched", "Int"),
    "Metric": ("tuner.objectives.metric", "Metric"),
    "Objective": ("tuner.objectives.base", "BaseObjective"),
    "Study": ("tuner.result", "Study"),
    "Trial": ("tuner.objectives.trial", "Trial"),
    "TrialResult": ("tuner.result", "TrialResult"),
    "UserError": ("sr_models.errors", "UserError"),
    "load_study": ("tuner.api", "load_study"),
    "search": ("tuner.api", "search"),
}
"""Public name -> its module, and its name there."""

_ROOMS = ("samplers", "schedulers", "trackers")
"""Packages with arguments of `search`, so that `tuner.samplers.Tpe(seed=1)` works after `import
tuner`."""

__all__ = [
    "Choice",
    "Config",
    "Float",
    "Int",
    "Metric",
    "Objective",
    "Study",
    "Trial",
    "TrialResult",
    "UserError",
    "load_study",
    "search",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"tuner.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'tuner' has no attribute {name!r}")
    module, there = _HOMES[name]
    return getattr(import_module(module), there)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
