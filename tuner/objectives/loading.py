"""Somebody's function or class as an objective: by its name, or as a live object."""

import inspect
import sys
from pathlib import Path
from typing import Any

from tuner.objectives.base import BaseObjective
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.function import FunctionObjective
from tuner.objectives.own import OwnObjective
from tuner.objectives.source import MAIN, Source


def load_own(kind: str, folder: Path) -> OwnObjective:
    """The objective that a study file in `folder` names as `module:name` or `file.py:name`.

    Raises:
        ObjectiveError: it cannot be imported, or is no objective.
    """
    source = Source.parse(kind, folder)
    if source.module == MAIN:
        raise ObjectiveError(
            "was defined in a notebook or an interactive session and cannot be imported; use "
            f"tuner.load_study(FOLDER).resume({source.name})"
        )
    found = source.load(folder, Path.cwd())
    return OwnObjective(str(source), _training(found, kind), source)


def own_objective(code: Any) -> OwnObjective:
    """A live function, class or instance as an objective.

    Raises:
        ObjectiveError: it is none of these.
    """
    training = _training(code, repr(code))
    source = _source(code)
    return OwnObjective(str(source), training, source)


def _training(code: Any, name: str) -> BaseObjective:
    if isinstance(code, BaseObjective):
        return code
    if inspect.isclass(code):
        if not issubclass(code, BaseObjective):
            raise ObjectiveError(f"{name} is a class, but no subclass of tuner.Objective")
        if getattr(code, "__abstractmethods__", None):
            raise ObjectiveError(f"{name} has no method train(config, trial)")
        return code()
    if not callable(code):
        raise ObjectiveError(f"{name} is neither a function nor a tuner.Objective")
    return FunctionObjective(code)


def _source(code: Any) -> Source:
    """Where code can be found again; in `__main__` where nowhere."""
    if isinstance(code, BaseObjective) and vars(code):  # another instance may be another
        return Source(MAIN, type(code).__name__)
    owner = code if hasattr(code, "__qualname__") else type(code)
    module = getattr(owner, "__module__", MAIN)
    name = owner.__qualname__
    if "<" in name:  # a lambda, or defined in a function
        return Source(MAIN, name.rpartition(".")[2].strip("<>"))
    file = getattr(sys.modules.get(module), "__file__", None)
    if module == MAIN and file is not None and file.endswith(".py"):
        return Source(str(Path(file).absolute()), name)
    return Source(module, name)
