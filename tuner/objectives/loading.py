"""Somebody's function or class as an objective: by its name, or as a live object."""

import inspect
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from sr_models.source import MAIN, Source
from tuner.objectives.base import BaseObjective
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.function import FunctionObjective
from tuner.objectives.own import OwnObjective


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
    owner = type(code) if isinstance(code, BaseObjective) else code
    name = getattr(owner, "__qualname__", type(code).__qualname__)
    module = getattr(owner, "__module__", MAIN)
    if not _is_found(owner, module, name):
        return Source(MAIN, name.rpartition(".")[2].strip("<>"))
    file = getattr(sys.modules.get(module), "__file__", None)
    if module == MAIN and file is not None and file.endswith(".py"):
        return Source(str(Path(file).absolute()), name)
    return Source(module, name)


def _is_found(code: Any, module: str, name: str) -> bool:
    """Whether a name in a module leads to this very code.

    It does not to a lambda, to what is defined in a function, to an object that can be called, or
    to a function whose decorated version took its name but not its place.
    """
    try:
        found = attrgetter(name)(sys.modules.get(module))
    except AttributeError:
        return False
    return found is code or (inspect.ismethod(code) and found == code)
